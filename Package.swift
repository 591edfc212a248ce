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

/// A command: a program in `Sources/Commands/Executables/NAME` that starts the one of that name in `Commands`.
func command(_ name: String) -> Target {
    .executableTarget(
        name: name, dependencies: ["Commands"], path: "Sources/Commands/Executables/\(name)")
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
        ["CLibrary", "Diagnostics", "Storage", "FixedPoint", "SeededNoise", "TokenShards"]),
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
        "Checkpoints", in: "Run",
        ["Diagnostics", "Storage", "IntegerTensor", "RecurrentLM", "CZstd"],
        settings: []),
    module(
        "Evaluation", in: "Run",
        ["Diagnostics", "FixedPoint", "CKernels", "IntegerTensor", "TokenShards", "RecurrentLM"]),
    module(
        "Pretraining", in: "Run",
        [
            "CLibrary", "Diagnostics", "Storage", "Settings", "Processes", "FixedPoint",
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

let commands: [Target] =
    [
        .target(
            name: "Commands",
            dependencies: [
                argumentParser, "CLibrary", "Diagnostics", "Storage", "Threads", "Processes",
                "Settings", "FixedPoint", "SeededNoise", "CKernels", "IntegerTensor", "TokenShards",
                "StoryGrammar", "RecurrentLM", "EvolutionStrategy", "Reference", "Checkpoints",
                "Evaluation", "Pretraining", "TextGeneration",
            ],
            path: "Sources/Commands/Library")
    ]
    + [
        "tokenize", "pretrain", "sample", "evaluate", "report", "replay", "storybook",
        "kernel-bench", "egg",
    ].map(command)

let tests: [Target] = [
    .target(
        name: "TestSupport",
        dependencies: [
            "CLibrary", "Diagnostics", "Storage", "Threads", "Processes",
        ],
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
        dependencies: ["TestSupport", "StoryGrammar", "TokenShards", "FixedPoint", "Storage"]),
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
            "StoryGrammar", "Diagnostics", "RecurrentLM", "IntegerTensor",
        ]),
    .testTarget(
        name: "PretrainingTests",
        dependencies: [
            "TestSupport", "SeededNoise", "Pretraining", "Settings", "EvolutionStrategy", "Journal",
            "RecurrentLM",
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
            "Commands", "pretrain", "tokenize", "sample", "evaluate", "report", "storybook",
            "kernel-bench", "replay", "egg", "TestSupport", "CLibrary", "Checkpoints",
            "Diagnostics",
            "EvolutionStrategy",
            "Journal", "Reference", "RecurrentLM", "IntegerTensor", "CKernels", "Storage",
            "Pretraining",
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
