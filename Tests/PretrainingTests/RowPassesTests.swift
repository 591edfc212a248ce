import TestSupport
import Testing

@testable import Pretraining

/// When the rows of contexts are emptied.
@Suite struct RowPassesTests {
    private let temporary = try? TemporaryDirectory()

    private func passes(_ overrides: [String], initial: String? = nil) throws -> RowPasses? {
        let temporary = try #require(temporary)
        let config = try RunConfig(
            file: try temporary.write("run.yaml", minimalConfig), overrides: overrides)
        return RowPasses(
            initial.map { config.beginning(with: $0) } ?? config, segmentsPerPass: 10)
    }

    private static let perturbation = ["method=node-perturbation", "update.rule=momentum"]
    private static let contexts = ["model.contexts=[2, word]", "model.contextRows=512"]

    /// Readings are counted back from the end, so that the last one is whole.
    @Test(arguments: [
        (10, []), (11, [1]), (19, [9]), (20, [10]), (21, [1, 11]), (35, [5, 15, 25]),
    ]) func areEmptiedWholeReadingsBeforeTheEnd(_ planned: Int, _ steps: [Int]) throws {
        let passes = try #require(try passes(Self.perturbation + Self.contexts))
        #expect((0...planned).filter { passes.begin(before: $0, of: planned) } == steps)
        for done in 0...planned {
            #expect(passes.next(after: done, of: planned) == steps.first { $0 >= done })
        }
    }

    @Test func onlyRowsThatLearnThisTextByHeartAreEmptied() throws {
        #expect(try passes(Self.perturbation) == nil)
        #expect(try passes(Self.contexts) == nil)
        #expect(try passes(Self.perturbation + Self.contexts, initial: "elsewhere") == nil)
    }

    /// A run that is continued empties its rows as it was planned when it did a step.
    @Test func earlierStepsKeepTheirPlan() throws {
        let temporary = try #require(temporary)
        let config = try RunConfig(
            file: try temporary.write("run.yaml", minimalConfig),
            overrides: Self.perturbation + ["run.steps=40", "run.phases=15 of 20, 30 of 35"])
        #expect([0, 14, 15, 29, 30, 39].map(config.plannedSteps) == [20, 20, 35, 35, 40, 40])
    }
}
