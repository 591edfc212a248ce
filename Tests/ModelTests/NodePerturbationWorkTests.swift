import IntegerTensor
import RecurrentLM
import Testing

@testable import EvolutionStrategy

/// How node perturbation counts its work and cuts it into blocks.
@Suite struct NodePerturbationWorkTests {
    private let config = ModelConfig(hidden: 128, layers: 1, mlpWidth: 128)

    /// Forward pass 131,072 with a recurrence of 65,536, as much as all for the votes, and 81,920 of feedback.
    @Test(arguments: [(2, 409_600), (4, 540_672), (8, 802_816), (16, 1_327_104)])
    func aStepCountsTheRecurrenceOnceAGroup(groupSize: Int, ofToken: Int) throws {
        let population = Population(size: 32, groupSize: groupSize, segmentTokens: 5)
        let estimator = NodePerturbationEstimator(
            population: population, settings: NodePerturbationSettings(feedback: .learned),
            parameters: Parameters(config: config, seed: 1), seed: 1,
            kernel: try .named("portable"), pool: WorkerPool(threads: 1))
        #expect(estimator.multiplyAccumulatesPerStep == 32 / groupSize * 5 * ofToken)
    }

    private func blockGroups(
        _ groups: Int, groupSize: Int, tokens: Int = 8, threads: Int = 1, hidden: Int = 128
    ) throws -> Int {
        let kernel = try Kernel.named("portable")
        #expect(kernel.table.pointee.block_rows == 32)
        return NodePerturbationSettings().blockGroups(
            groups, Population(size: 4096, groupSize: groupSize, segmentTokens: tokens),
            ModelConfig(hidden: hidden, layers: 1, mlpWidth: hidden),
            rows: Int(kernel.table.pointee.block_rows), threads: threads)
    }

    @Test(arguments: [(2, 16), (4, 8), (8, 8), (16, 8), (32, 4), (128, 1)])
    func aBlockHasMoreRowsWhereGroupsAreLarge(groupSize: Int, expected: Int) throws {
        #expect(try blockGroups(1000, groupSize: groupSize) == expected)
    }

    @Test func everyThreadHasABlock() throws {
        #expect(try blockGroups(10, groupSize: 8, threads: 3) == 4)
        #expect(try blockGroups(1, groupSize: 8, threads: 3) == 1)
        #expect(try blockGroups(0, groupSize: 8, threads: 3) == 1)
    }

    /// What a trace may have holds few groups of long segments of wide models.
    @Test func aLargeTraceHasFewerGroups() throws {
        let settings = NodePerturbationSettings()
        let config = ModelConfig(hidden: 1024, layers: 1, mlpWidth: 1024)
        let population = Population(size: 4096, groupSize: 8, segmentTokens: 4096)
        let bytes = settings.bytesPerGroup(config, population)
        #expect(bytes == 4096 * (9 * 1024 + 6 * 2048 + 1024 + 320 + 1024))
        let kept = (1 << 28) / bytes
        #expect(try blockGroups(1000, groupSize: 8, tokens: 4096, hidden: 1024) == kept)
        #expect(try blockGroups(1000, groupSize: 8, tokens: 4096, hidden: 4096) == 1)
    }
}
