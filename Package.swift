// swift-tools-version: 6.2
import PackageDescription

/// Modules that work through every byte or weight are optimised in debug builds too: unoptimised they are
/// some hundred times slower, which would leave `swift run` and `swift test` useless. Overflow still
/// traps.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// A module in `Sources/FOLDER/NAME`.
func module(
    _ name: String, in folder: String, _ dependencies: [Target.Dependency] = [],
    settings: [SwiftSetting] = optimized
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)",
        swiftSettings: settings)
}

/// A command in `Sources/Commands/NAME`.
func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Sources/Commands/\(name)")
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// The targets stand in the order of the data flow. A module imports what stands above it in this list, never what
// stands below; Scripts/check-imports makes sure of it, and that each import is declared here.

let arithmetic: [Target] = [
    module("FixedPoint", in: "Arithmetic"),
    module("SeededNoise", in: "Arithmetic", ["FixedPoint"]),
]

let support: [Target] = [
    .systemLibrary(
        name: "CZstd", path: "Sources/Support/CZstd", pkgConfig: "libzstd",
        providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(
        name: "CZlib", path: "Sources/Support/CZlib", pkgConfig: "zlib",
        providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
        name: "CMPI", path: "Sources/Support/CMPI", pkgConfig: "ompi-c",
        providers: [.apt(["libopenmpi-dev"]), .brew(["open-mpi"])]),
    .target(
        name: "CProcesses",
        dependencies: [.target(name: "CMPI", condition: .when(traits: ["MPI"]))],
        path: "Sources/Support/CProcesses",
        cSettings: [.define("EGG_MPI", .when(traits: ["MPI"]))]),
    module("CLibrary", in: "Support", settings: []),
    module("Diagnostics", in: "Support", ["CLibrary"], settings: []),
    module("Storage", in: "Support", ["CLibrary", "Diagnostics"]),
    module("Threads", in: "Support", ["CLibrary", "Diagnostics"], settings: []),
    module(
        "Processes", in: "Support",
        [
            "CLibrary", "Diagnostics",
            .target(name: "CProcesses", condition: .when(traits: ["MPI"])),
        ],
        settings: []),
    module(
        "Settings", in: "Support", [yams, "FixedPoint", "Diagnostics", "Storage"], settings: []),
]

let kernels: [Target] = [
    .target(
        name: "CKernels", path: "Sources/Kernels/CKernels", exclude: ["README.md"],
        cSettings: [
            .unsafeFlags(["-O3"], .when(configuration: .debug)),
            .unsafeFlags(["-O3"], .when(configuration: .release)),
        ]),
    module(
        "IntegerTensor", in: "Kernels",
        ["CLibrary", "Diagnostics", "Storage", "Threads", "FixedPoint", "CKernels"]),
]

let corpus: [Target] = [
    module(
        "TokenShards", in: "Corpus",
        ["CLibrary", "Diagnostics", "Storage", "Threads", "FixedPoint", "CZstd", "CZlib"]),
    module(
        "StoryGrammar", in: "Corpus",
        ["Diagnostics", "Storage", "FixedPoint", "SeededNoise"]),
]

let model: [Target] = [
    module(
        "RecurrentLM", in: "Model",
        ["Diagnostics", "FixedPoint", "SeededNoise", "CKernels", "IntegerTensor"])
]

let methods: [Target] = [
    .target(
        name: "EvolutionStrategy",
        dependencies: [
            "Settings", "Processes", "FixedPoint", "SeededNoise", "CKernels", "IntegerTensor",
            "TokenShards",
            "RecurrentLM",
        ],
        path: "Sources/Methods", swiftSettings: optimized)
]

let reference: [Target] = [
    .target(
        name: "Reference",
        dependencies: [
            "FixedPoint", "SeededNoise", "IntegerTensor", "TokenShards", "RecurrentLM",
            "EvolutionStrategy",
        ],
        path: "Sources/Reference", swiftSettings: optimized)
]

let run: [Target] = [
    module("Journal", in: "Run", ["Diagnostics", "Storage", "EvolutionStrategy"]),
    module(
        "Checkpoints", in: "Run", ["Diagnostics", "Storage", "IntegerTensor", "RecurrentLM"],
        settings: []),
    module(
        "Evaluation", in: "Run",
        ["Diagnostics", "FixedPoint", "CKernels", "IntegerTensor", "TokenShards", "RecurrentLM"]),
    module(
        "Pretraining", in: "Run",
        [
            "Diagnostics", "Storage", "Settings", "Processes", "FixedPoint",
            "IntegerTensor",
            "TokenShards", "RecurrentLM", "EvolutionStrategy", "Journal", "Checkpoints",
            "Evaluation",
        ],
        settings: []),
]

let text: [Target] = [
    module(
        "TextGeneration", in: "Text",
        [
            "Diagnostics", "FixedPoint", "SeededNoise", "IntegerTensor", "TokenShards",
            "RecurrentLM",
            "Checkpoints",
        ])
]

let commands: [Target] = [
    module(
        "CommandSupport", in: "Commands",
        [
            argumentParser, "CLibrary", "Diagnostics", "Storage", "IntegerTensor", "TokenShards",
            "RecurrentLM",
            "Checkpoints",
        ], settings: []),
    command(
        "pretrain",
        [
            argumentParser, "CLibrary", "Diagnostics", "Storage", "Settings", "Processes",
            "FixedPoint",
            "IntegerTensor", "TokenShards", "StoryGrammar", "EvolutionStrategy", "Pretraining",
            "CommandSupport",
        ]),
    command(
        "replay",
        [
            argumentParser, "Diagnostics", "Storage", "FixedPoint", "Checkpoints", "Pretraining",
            "CommandSupport",
        ]),
    command(
        "tokenize",
        [
            argumentParser, "CLibrary", "Diagnostics", "Storage", "Threads", "FixedPoint",
            "TokenShards",
            "CommandSupport",
        ]),
    command(
        "sample",
        [
            argumentParser, "Storage", "FixedPoint", "IntegerTensor", "TextGeneration",
            "CommandSupport",
        ]),
    command(
        "evaluate",
        [
            argumentParser, "Diagnostics", "Storage", "FixedPoint", "IntegerTensor", "TokenShards",
            "Evaluation", "TextGeneration", "CommandSupport",
        ]),
    command(
        "storybook", [argumentParser, "Diagnostics", "Storage", "StoryGrammar", "CommandSupport"]),
    command(
        "kernel-bench",
        [
            argumentParser, "CLibrary", "Diagnostics", "Storage", "FixedPoint", "SeededNoise",
            "CKernels",
            "IntegerTensor", "TokenShards", "RecurrentLM", "EvolutionStrategy", "Reference",
            "CommandSupport",
        ]),
]

let tests: [Target] = [
    .target(
        name: "TestSupport",
        dependencies: ["CLibrary", "Diagnostics", "Storage", "Threads", "Processes"],
        path: "Tests/TestSupport"),
    .testTarget(
        name: "FixedPointTests",
        dependencies: ["TestSupport", "FixedPoint", "SeededNoise", "Storage"]),
    .testTarget(name: "StorageTests", dependencies: ["TestSupport", "CLibrary", "Storage"]),
    .testTarget(
        name: "CheckpointTests",
        dependencies: ["TestSupport", "CLibrary", "Checkpoints", "Storage"]),
    .testTarget(
        name: "TokenShardsTests",
        dependencies: [
            "TestSupport", "CLibrary", "TokenShards", "Threads", "Storage", "CZstd", "CZlib",
        ]),
    .testTarget(
        name: "StoryGrammarTests",
        dependencies: ["TestSupport", "StoryGrammar", "FixedPoint", "Storage"]),
    .testTarget(
        name: "ModelTests",
        dependencies: [
            "TestSupport", "RecurrentLM", "EvolutionStrategy", "Checkpoints", "SeededNoise",
            "FixedPoint",
            "TokenShards", "IntegerTensor", "CKernels", "Reference",
        ]),
    .testTarget(
        name: "JournalTests",
        dependencies: ["TestSupport", "Journal", "EvolutionStrategy", "Storage"]),
    .testTarget(
        name: "FuzzTests",
        dependencies: [
            "TestSupport", "Checkpoints", "Journal", "Pretraining", "EvolutionStrategy",
            "TokenShards",
            "Storage",
            "StoryGrammar", "Diagnostics",
        ]),
    .testTarget(
        name: "PretrainingTests",
        dependencies: [
            "TestSupport", "Pretraining", "Settings", "EvolutionStrategy", "Journal", "RecurrentLM",
            "Checkpoints", "Evaluation", "IntegerTensor", "Processes", "Storage", "Threads",
            "TokenShards",
        ]),
    .testTarget(
        name: "TextGenerationTests",
        dependencies: [
            "TestSupport", "Reference", "TextGeneration", "Evaluation", "Checkpoints",
            "TokenShards", "RecurrentLM",
            "IntegerTensor", "SeededNoise", "FixedPoint", "Storage",
        ]),
    .testTarget(
        name: "CommandTests",
        dependencies: [
            "pretrain", "tokenize", "sample", "evaluate", "storybook", "kernel-bench", "replay",
            "CommandSupport", "TestSupport", "CLibrary", "Checkpoints", "Diagnostics",
            "EvolutionStrategy",
            "Journal", "Reference", "RecurrentLM", "IntegerTensor", "CKernels", "Storage",
        ]),
]

let package = Package(
    name: "swift-egg",
    platforms: [.macOS(.v15)],
    products: [
        // What a program that depends on this package may import.
        .library(
            name: "SwiftEgg",
            targets: [
                "FixedPoint", "SeededNoise", "Diagnostics", "Storage", "Threads", "Processes",
                "Settings",
                "IntegerTensor", "TokenShards", "StoryGrammar", "RecurrentLM", "EvolutionStrategy",
                "Journal",
                "Checkpoints", "Evaluation", "Pretraining", "TextGeneration",
            ])
    ],
    traits: [
        .trait(
            name: "MPI", description: "pretrain on any number of processes, by the system's MPI."),
        .default(enabledTraits: []),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: arithmetic + support + kernels + corpus + model + methods + reference + run + text
        + commands
        + tests,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)
