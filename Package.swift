// swift-tools-version: 6.2
import PackageDescription

/// Modules that work through every byte or weight are optimised in debug builds too: unoptimised they are
/// some hundred times slower, which would leave `swift run` and `swift test` useless. Overflow still
/// traps.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// The integer-only training path, in the order of the data flow. Imports go downwards only:
/// a module may use those above it in this list, never those below.
let package = Package(
    name: "swift-egg",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SwiftEgg", targets: ["Pretraining", "TextGeneration", "TokenShards"])
    ],
    traits: [
        .trait(
            name: "MPI", description: "pretrain on any number of processes, by the system's MPI."),
        .default(enabledTraits: []),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0"),
    ],
    targets: [
        // System libraries and C kernels.
        .systemLibrary(
            name: "CZstd", pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CMPI", pkgConfig: "ompi-c",
            providers: [.apt(["libopenmpi-dev"]), .brew(["open-mpi"])]),
        .target(
            name: "CProcesses",
            dependencies: [.target(name: "CMPI", condition: .when(traits: ["MPI"]))],
            cSettings: [.define("EGG_MPI", .when(traits: ["MPI"]))]),
        .target(
            name: "CKernels",
            cSettings: [
                .unsafeFlags(["-O3"], .when(configuration: .debug)),
                .unsafeFlags(["-O3"], .when(configuration: .release)),
            ]),

        // Foundations.
        .target(name: "Diagnostics"),
        .target(name: "FixedPoint", swiftSettings: optimized),
        .target(name: "Storage", dependencies: ["Diagnostics"], swiftSettings: optimized),
        .target(name: "SeededNoise", dependencies: ["FixedPoint"], swiftSettings: optimized),
        .target(name: "Threads", dependencies: ["Diagnostics"]),
        .target(
            name: "Processes",
            dependencies: [
                "Diagnostics", .target(name: "CProcesses", condition: .when(traits: ["MPI"])),
            ]),
        .target(
            name: "IntegerTensor",
            dependencies: ["CKernels", "FixedPoint", "Threads", "Storage", "Diagnostics"],
            swiftSettings: optimized),

        // Corpus to batches.
        .target(
            name: "TokenShards",
            dependencies: ["Storage", "Threads", "Diagnostics", "FixedPoint", "CZstd", "CZlib"],
            swiftSettings: optimized),

        // Model, population, update.
        .target(
            name: "RecurrentLM",
            dependencies: [
                "CKernels", "IntegerTensor", "SeededNoise", "FixedPoint", "Diagnostics",
            ],
            swiftSettings: optimized),
        .target(
            name: "EvolutionStrategy",
            dependencies: [
                "TokenShards", "RecurrentLM", "IntegerTensor", "CKernels", "SeededNoise",
                "FixedPoint", "Processes", "Diagnostics",
            ],
            swiftSettings: optimized),

        // Scores of text under the model without noise.
        .target(
            name: "Evaluation",
            dependencies: [
                "TokenShards", "RecurrentLM", "IntegerTensor", "CKernels", "FixedPoint", "Storage",
                "Diagnostics",
            ],
            swiftSettings: optimized),

        // Files, the run, and what is made of a trained model.
        .target(
            name: "Journal", dependencies: ["EvolutionStrategy", "Storage", "Diagnostics"],
            swiftSettings: optimized),
        .target(
            name: "Checkpoints",
            dependencies: ["RecurrentLM", "IntegerTensor", "Storage", "Diagnostics"]),
        .target(
            name: "Pretraining",
            dependencies: [
                "Checkpoints", "EvolutionStrategy", "Evaluation", "Journal", "Processes",
                "TokenShards", "Storage", "Diagnostics",
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "TextGeneration",
            dependencies: [
                "Checkpoints", "RecurrentLM", "IntegerTensor", "SeededNoise", "FixedPoint",
                "TokenShards", "Diagnostics",
            ],
            swiftSettings: optimized),
        .target(
            name: "StoryGrammar",
            dependencies: ["FixedPoint", "SeededNoise", "Storage", "Diagnostics"],
            swiftSettings: optimized),

        // Commands.
        .target(
            name: "CommandSupport",
            dependencies: [
                "Checkpoints", "RecurrentLM", "IntegerTensor", "Storage", "Diagnostics",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "pretrain",
            dependencies: [
                "CommandSupport", "Diagnostics", "EvolutionStrategy", "Pretraining", "Processes",
                "StoryGrammar",
                "TokenShards", "Storage",
            ]),
        .executableTarget(
            name: "replay",
            dependencies: [
                "Checkpoints", "CommandSupport", "Diagnostics", "FixedPoint", "Pretraining",
                "Storage",
            ]),
        .executableTarget(
            name: "tokenize",
            dependencies: ["CommandSupport", "TokenShards", "Threads", "FixedPoint"]),
        .executableTarget(
            name: "sample",
            dependencies: [
                "CommandSupport", "TextGeneration", "IntegerTensor", "FixedPoint", "Storage",
            ]),
        .executableTarget(
            name: "evaluate",
            dependencies: [
                "CommandSupport", "Evaluation", "TextGeneration", "TokenShards", "IntegerTensor",
                "FixedPoint", "Storage", "Diagnostics",
            ]),
        .executableTarget(
            name: "storybook", dependencies: ["CommandSupport", "StoryGrammar", "Storage"]),
        .executableTarget(
            name: "kernel-bench",
            dependencies: [
                "CommandSupport", "EvolutionStrategy", "RecurrentLM", "IntegerTensor", "CKernels",
                "SeededNoise", "FixedPoint", "Storage", "TokenShards", "Diagnostics",
            ]),

        // Tests.
        .target(
            name: "TestSupport", dependencies: ["Diagnostics", "Storage", "Processes", "Threads"],
            path: "Tests/TestSupport"),
        .testTarget(
            name: "FixedPointTests",
            dependencies: ["TestSupport", "FixedPoint", "SeededNoise", "Storage"]),
        .testTarget(name: "StorageTests", dependencies: ["TestSupport", "Storage"]),
        .testTarget(
            name: "CheckpointTests", dependencies: ["TestSupport", "Checkpoints", "Storage"]),
        .testTarget(
            name: "TokenShardsTests",
            dependencies: ["TestSupport", "TokenShards", "Threads", "Storage", "CZstd", "CZlib"]),
        .testTarget(
            name: "StoryGrammarTests",
            dependencies: ["TestSupport", "StoryGrammar", "FixedPoint", "Storage"]),
        .testTarget(
            name: "ModelTests",
            dependencies: [
                "TestSupport", "RecurrentLM", "EvolutionStrategy", "Checkpoints", "SeededNoise",
                "IntegerTensor",
                "CKernels",
            ]),
        .testTarget(
            name: "JournalTests",
            dependencies: ["TestSupport", "Journal", "EvolutionStrategy", "Storage"]),
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "TestSupport", "Checkpoints", "Journal", "Pretraining", "TokenShards", "Storage",
                "StoryGrammar", "Diagnostics",
            ]),
        .testTarget(
            name: "PretrainingTests",
            dependencies: [
                "TestSupport", "Pretraining", "EvolutionStrategy", "Journal", "RecurrentLM",
                "IntegerTensor", "Processes", "Storage", "TextGeneration", "Threads", "TokenShards",
            ]),
        .testTarget(
            name: "TextGenerationTests",
            dependencies: [
                "TestSupport", "TextGeneration", "Evaluation", "Checkpoints", "TokenShards",
                "RecurrentLM",
                "IntegerTensor", "SeededNoise", "FixedPoint", "Storage",
            ]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "pretrain", "tokenize", "sample", "evaluate", "storybook", "kernel-bench",
                "replay", "CommandSupport", "TestSupport", "Checkpoints", "Diagnostics",
                "EvolutionStrategy",
                "Journal",
                "RecurrentLM",
                "IntegerTensor", "CKernels", "Storage",
            ]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)
