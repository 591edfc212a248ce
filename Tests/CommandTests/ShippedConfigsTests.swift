import Storage
import TestSupport
import Testing

/// The configs of the package, with few members and short runs.
@Suite struct ShippedConfigsTests {
    private static let directory = PackageFiles.path("Configs")

    @Test func theyAreThere() throws {
        let names = try Files.list(Self.directory)
        #expect(names.allSatisfy { $0.hasSuffix(".yaml") }, "\(names)")
        #expect(
            Set(names).isSuperset(of: [
                "hour.yaml", "paper-6x256.yaml", "paper-rule-2x128.yaml", "quickstart.yaml",
                "ten-minutes.yaml",
            ]))
    }

    @Test(arguments: try Files.list(directory)) func trains(_ name: String) throws {
        let workspace = try Workspace()
        let config = String(
            decoding: try Files.read(Paths.join(Self.directory, name), atMost: 1 << 16),
            as: UTF8.self)
        try workspace.prepareRun(config: config)
        // Gigabytes of rows would take longer to hash than two steps take.
        let rows = config.contains("contextRows") ? ["model.contextRows=4096"] : []
        let result = try workspace.train(
            "out",
            set: [
                "data.shards=shards", "population.size=512", "population.segmentTokens=2",
                "run.steps=2", "validation.tokens=200",
            ] + rows)
        #expect(result.code == 0, "\(result.errors)")
        #expect(try workspace.loggedSteps("out") == [1, 2])
        #expect(try workspace.checkpoints("out").count == 1)
    }
}
