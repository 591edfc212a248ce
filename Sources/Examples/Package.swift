// swift-tools-version: 6.2
import PackageDescription

/// Programs that use swift-egg as a library, as a package of their own.
let package = Package(
    name: "swift-egg-examples",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swift-egg", path: "../..")],
    targets: ["TrainScoreSample", "OwnRule"].map { name in
        .executableTarget(
            name: name, dependencies: [.product(name: "SwiftEgg", package: "swift-egg")])
    },
    swiftLanguageModes: [.v6]
)
