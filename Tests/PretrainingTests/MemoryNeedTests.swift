import RecurrentLM
import TestSupport
import Testing

@testable import Pretraining

/// The estimate that keeps impossible runs from asking for memory.
@Suite struct MemoryNeedTests {
    private func config(_ overrides: [String] = []) throws -> RunConfig {
        let directory = try TemporaryDirectory()
        return try RunConfig(
            file: try directory.write("run.yaml", minimalConfig), overrides: overrides)
    }

    /// 8 rows of 2 layers, each state padded to 64 bytes and held three times, a score of 4 bytes, and 8 bytes a weight.
    @Test func countsWeightsAndStates() throws {
        let config = try config()
        let weights = ParameterLayout(config.model).parameterCount
        #expect(
            MemoryNeed.bytes(config, threads: 1) == weights * 8 + 3 * 8 * 2 * 64 + 8 * 4)
        try MemoryNeed.check(config, threads: 1)
    }

    /// And a copy of them while a checkpoint is written.
    @Test func countsResiduals() throws {
        let config = try config(["update.rule=residual"])
        let weights = ParameterLayout(config.model).parameterCount
        #expect(
            MemoryNeed.bytes(config, threads: 1) == weights * 16 + 3 * 8 * 2 * 64 + 8 * 4)
    }

    /// 4 groups of a pair have a state each; a thread keeps 4 tokens of 2 layers, for a unit with noise that and two bytes
    /// of its correlation, and votes of its own.
    @Test func countsTheTraceOfActivations() throws {
        let config = try config(["method=node-perturbation", "update.rule=momentum"])
        let weights = ParameterLayout(config.model).parameterCount
        let trace = 4 * (2 * (11 * 64 + 4 * 64) + 64 + 320 + 64)
        #expect(MemoryNeed.bytes(config, threads: 1) == weights * 28 + 3 * 4 * 2 * 64 + trace)
        let further = trace + weights * 4  // each thread has votes too
        #expect(
            MemoryNeed.bytes(config, threads: 5)
                == MemoryNeed.bytes(config, threads: 1) + 4 * further)
        #expect(MemoryNeed.trainingStateBytes(config) >= weights * 8 + 4 * 2 * 16)
    }

    /// A matrix of V columns for the noise on each layer's state, and one for that in each MLP.
    @Test func countsLearnedFeedback() throws {
        let plain = ["method=node-perturbation", "update.rule=momentum"]
        let without = try config(plain)
        let with = try config(plain + ["population.feedback=learned"])
        let weights = 2 * (16 + 64) * 256
        let predictions = 4 * 2 * 2 * 64
        #expect(
            MemoryNeed.bytes(with, threads: 1)
                == MemoryNeed.bytes(without, threads: 1) + weights * (8 + 16 + 4) + predictions)
        #expect(
            MemoryNeed.trainingStateBytes(with)
                == MemoryNeed.trainingStateBytes(without) + weights * 8)
    }

    /// Rows padded to 64 bytes each, as many for their fine values, a tag, a strength and readings of 2 bytes, for each two of
    /// them the same for a logit row of 256 bytes, 24 bytes of history beside each copy of a state, and credits.
    private func contexts(_ config: RunConfig, states: Int, credits: Int) -> Int {
        let rows = config.model.contextRows
        return rows * (2 * 64 + 1 + 1 + 2)
            + (config.model.direct ? rows / 2 * (2 * 256 + 1 + 1 + 2) : 0) + 3 * 24 * states
            + credits
    }

    private static let twoContexts = ["model.contexts=[2, word]", "model.contextRows=1024"]

    /// 4 groups of 4 tokens; a slot has two rows of 4 bytes and 64 bytes of credits, with direct connections 256 of
    /// errors.
    @Test(arguments: [false, true]) func countsContextsOfNodePerturbation(_ direct: Bool) throws {
        let plain = ["method=node-perturbation", "update.rule=momentum"]
        let without = MemoryNeed.bytes(try config(plain), threads: 1)
        let with = try config(plain + Self.twoContexts + ["model.direct=\(direct)"])
        let credits = 4 * 4 * (2 * 4 + 64) + (direct ? 4 * 4 * (2 * 4 + 256) : 0)
        #expect(with.model.contextBytes == 1024 * 65 + (direct ? 512 * 257 : 0))
        #expect(
            MemoryNeed.bytes(with, threads: 1)
                == without + contexts(with, states: 4, credits: credits))
    }

    /// A slot for each row that a token may read first.
    @Test(arguments: ["antithetic", "one-sided"]) func countsContextsOfEggroll(_ sampling: String)
        throws
    {
        let plain = ["population.sampling=\(sampling)"]
        let with = try config(plain + Self.twoContexts)
        let (states, streams) = (with.population.stateRows, with.population.streams)
        let credits = 2 * streams * 4 * (4 + 64)
        #expect(
            MemoryNeed.bytes(with, threads: 1)
                == MemoryNeed.bytes(try config(plain), threads: 1)
                + contexts(with, states: states, credits: credits))
        guard sampling == "one-sided" else { return }
        let direct = try config(plain + Self.twoContexts + ["model.direct=true"])
        #expect(
            MemoryNeed.bytes(direct, threads: 1)
                == MemoryNeed.bytes(with, threads: 1) + 512 * (2 * 256 + 4) + streams * 4
                * (2 * 4 + 256))
    }

    /// Each thread has the votes of a head that learns from its own error.
    @Test(arguments: [1, 3]) func countsTheVotesOfAHeadThatLearnsFromItsError(_ threads: Int) throws
    {
        let plain = ["population.sampling=one-sided", "update.rule=residual"]
        let with = try config(plain + ["population.head=delta"])
        let votes = with.model.vocabulary * with.model.hidden * 4
        #expect(
            MemoryNeed.bytes(with, threads: threads)
                == MemoryNeed.bytes(try config(plain), threads: threads) + threads * votes)
    }

    /// The training state of many streams with few rows: their histories alone take more than its header may.
    @Test func theStateOfManyStreamsMayBeRead() throws {
        let many = ["population.size=200000", "model.hidden=1", "model.layers=1"]
        let rows = ["model.contexts=[2]", "model.contextRows=256"]
        let (without, with) = (try config(many), try config(many + rows))
        let more = MemoryNeed.trainingStateBytes(with) - MemoryNeed.trainingStateBytes(without)
        #expect(more >= 24 * with.population.streams + 2 * 256)
    }

    /// A training state beyond the usual limit of a file can be read back.
    @Test func theStateOfALargeRunMayBeRead() throws {
        let config = try config([
            "update.rule=residual", "model.hidden=4096", "model.layers=64", "model.mlpWidth=16383",
        ])
        let weights = ParameterLayout(config.model).parameterCount
        #expect(MemoryNeed.trainingStateBytes(config) > weights * 4 + 8 * 64 * 4096)
        #expect(MemoryNeed.trainingStateBytes(config) > 8 << 30)
    }

    @Test func theLargestConfigDoesNotOverflow() throws {
        let config = try config([
            "model.hidden=4096", "model.layers=64", "model.mlpWidth=16383",
            "model.contexts=[1, 2, 3, 4, 5, 6, 7, word, word-pair]", "model.contextRows=67108864",
            "population.size=200000", "population.sequencesPerMember=4096",
            "population.segmentTokens=1",
        ])
        #expect(MemoryNeed.bytes(config, threads: 1) > 1 << 40)
        let error = try #require(throws: MemoryError.self) {
            try MemoryNeed.check(config, threads: 1)
        }
        #expect(error.finding.contains("GB of memory"))
        #expect(MemoryNeed.mappedBytes(config, threads: 1024) > 1 << 40)
    }

    /// What is asked for at the most is more than what is in use at the least, and grows with each thread.
    @Test(arguments: [[], ["method=node-perturbation", "update.rule=momentum"]])
    func mappedBytesAreMore(_ overrides: [String]) throws {
        let config = try config(overrides)
        for threads in [1, 2, 8] {
            let mapped = MemoryNeed.mappedBytes(config, threads: threads)
            #expect(mapped > MemoryNeed.bytes(config, threads: threads))
            #expect(mapped < MemoryNeed.mappedBytes(config, threads: threads + 1))
        }
    }
}
