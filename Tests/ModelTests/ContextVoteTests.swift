import FixedPoint
import IntegerTensor
import RecurrentLM
import Reference
import SeededNoise
import Testing
import TokenShards

@testable import EvolutionStrategy

/// A population and a model on which the credits of rows must equal their definition.
struct ContextVoteCase: CustomTestStringConvertible {
    let population: Population
    var form = FitnessForm.sign
    var hidden = 20
    var contexts: [ContextKind] = [.bytes(2), .word]
    var threads = 2

    var testDescription: String {
        let population = population
        return "\(population.sampling) N \(population.size) G \(population.groupSize)"
            + " T \(population.segmentTokens) seq \(population.sequencesPerMember) \(form)"
            + " hidden \(hidden) contexts \(contexts.list) threads \(threads)"
    }

    var config: ModelConfig {
        ModelConfig(
            hidden: hidden, layers: 1, mlpWidth: 4, contexts: contexts, contextRows: 256)
    }

    static let all: [ContextVoteCase] = [
        ContextVoteCase(population: Population(size: 6, segmentTokens: 3)),
        ContextVoteCase(
            population: Population(size: 24, groupSize: 8, segmentTokens: 7), form: .magnitude4,
            hidden: 65, contexts: [.word, .bytes(1), .wordPair], threads: 3),
        ContextVoteCase(
            population: Population(size: 12, groupSize: 4, segmentTokens: 5, sequencesPerMember: 3),
            form: .magnitude8, hidden: 1),
        ContextVoteCase(
            population: Population(size: 9, sampling: .oneSided, groupSize: 3, segmentTokens: 4)),
        ContextVoteCase(
            population: Population(
                size: 10, sampling: .oneSided, groupSize: 5, segmentTokens: 2, sequencesPerMember: 4
            ),
            form: .magnitude4, hidden: 70, contexts: ContextKind.all),
        // More rows, and more directions, than a call of the kernel takes.
        ContextVoteCase(
            population: Population(size: 8, groupSize: 4, segmentTokens: 90), hidden: 7,
            contexts: [.bytes(1), .bytes(3)], threads: 1),
        ContextVoteCase(
            population: Population(size: 600, groupSize: 300, segmentTokens: 4), form: .magnitude8),
        ContextVoteCase(
            population: Population(
                size: 260, sampling: .oneSided, groupSize: 260, segmentTokens: 50), hidden: 9),
    ]
}

@Suite struct ContextVoteTests {
    private func segment(_ population: Population, position: Int, seed: Int) -> Segment {
        let count = population.streams * (population.segmentTokens + 1)
        return Segment(
            tokens: BatchedEqualsReferenceTests.tokens(count: count, seed: UInt64(seed)),
            streams: population.streams, length: population.segmentTokens, position: position)
    }

    private func fitness(_ test: ContextVoteCase, seed: Int) -> Fitness {
        let limit = [FitnessForm.sign: 1, .magnitude4: 7, .magnitude8: 127][test.form] ?? 0
        let values = randomValues(test.population.directions, seed: UInt64(seed), extremes: 5)
        return Fitness(test.form, values: values.map { Int8(Int($0) * limit / 127) })
    }

    private func slots(_ credits: RowCredits) -> [(context: UInt32, credit: [Int8])] {
        (0..<credits.slots).map { (credits.contexts.pointer[$0], credits.credits.values(row: $0)) }
    }

    /// Segments go on from one another, and start over at position 0; the multiplier follows all the time.
    @Test(arguments: ContextVoteCase.all, Kernel.available)
    func creditsAreThoseOfTheDefinition(test: ContextVoteCase, kernel: Kernel) throws {
        let layout = ParameterLayout(test.config)
        try test.population.validate(for: test.config)
        let counter = try #require(
            ContextVoteCounter(
                test.population, layout: layout, kernel: kernel,
                pool: WorkerPool(threads: test.threads)))
        var plain = ReferenceContextVotes(test.population, layout)
        for (step, position) in [0, 1, 2, 0, 1].enumerated() {
            let segment = segment(test.population, position: position, seed: step + 3)
            let source = SeededPerturbations(kernel: kernel, seed: 9, epoch: UInt32(step))
            let fitness = fitness(test, seed: step)
            let expected = plain.count(fitness, on: segment, source: source)
            let found = slots(counter.count(fitness, on: segment, source: source))
            #expect(found.map(\.context) == expected.map(\.context), "step \(step)")
            #expect(found.map(\.credit) == expected.map(\.credit), "step \(step)")
            #expect(counter.multiplier == plain.multiplier, "step \(step)")
        }
    }

    /// Once the multiplier has followed, credits have about the RMS that the rates of rows count on.
    @Test func theMultiplierBringsCreditsToTheirRMS() throws {
        let test = ContextVoteCase(
            population: Population(size: 64, groupSize: 16, segmentTokens: 20))
        let counter = try #require(
            ContextVoteCounter(
                test.population, layout: ParameterLayout(test.config),
                kernel: .named("auto"), pool: WorkerPool(threads: 2)))
        var squares: Int64 = 0
        let fitness = Fitness(.sign, values: (0..<32).map { $0 % 3 == 0 ? -1 : 1 })
        for step in 0..<4 {
            let source = SeededPerturbations(
                kernel: try .named("auto"), seed: 9, epoch: UInt32(step))
            let values = slots(
                counter.count(
                    fitness, on: segment(test.population, position: step, seed: step),
                    source: source)
            ).flatMap(\.credit)
            squares = values.reduce(0) { $0 + Int64($1) * Int64($1) } / Int64(values.count)
        }
        let rms = Int64(integerSquareRoot(UInt64(squares)))
        #expect(abs(rms - CreditScales.creditRMS) <= CreditScales.creditRMS / 8, "\(rms)")
    }

    /// Fitness of 0 gives no credit, and tells nothing of the multiplier.
    @Test func withoutFitnessThereIsNoCredit() throws {
        let test = ContextVoteCase(population: Population(size: 6, segmentTokens: 3))
        let counter = try #require(
            ContextVoteCounter(
                test.population, layout: ParameterLayout(test.config), kernel: .named("auto"),
                pool: WorkerPool(threads: 1)))
        let (multiplier, none) = (counter.multiplier, Fitness(.sign, values: [0, 0, 0]))
        let source = SeededPerturbations(kernel: try .named("auto"), seed: 9, epoch: 0)
        let credits = counter.count(
            none, on: segment(test.population, position: 0, seed: 1), source: source)
        #expect(credits.slots > 0)
        #expect(slots(credits).allSatisfy { $0.credit.allSatisfy { $0 == 0 } })
        #expect(counter.multiplier == multiplier)
    }

    @Test func aModelWithoutContextsHasNoCounter() throws {
        let layout = ParameterLayout(ModelConfig(hidden: 8, layers: 1, mlpWidth: 4))
        #expect(
            ContextVoteCounter(
                Population(size: 6, segmentTokens: 3), layout: layout,
                kernel: try .named("portable"), pool: WorkerPool(threads: 1)) == nil)
    }

    // MARK: The estimator

    private func estimator(
        _ test: ContextVoteCase, _ parameters: Parameters, threads: Int = 2
    ) throws -> EggrollEstimator {
        EggrollEstimator(
            population: test.population, loss: .fine, fitness: test.form, parameters: parameters,
            seed: 21, kernel: try .named("auto"), pool: WorkerPool(threads: threads))
    }

    private func parameters(_ test: ContextVoteCase) -> Parameters {
        let parameters = Parameters(config: test.config, seed: 3)
        parameters.contexts?.fill(seed: 4)
        return parameters
    }

    /// The credits that a step hands on follow from its fitness, its seed and its text.
    @Test(arguments: ContextVoteCase.all) func aStepHasTheCreditsOfItsFitness(
        test: ContextVoteCase
    ) throws {
        let parameters = parameters(test)
        let (estimator, votes) = (try estimator(test, parameters), Votes(layout: parameters.layout))
        var plain = ReferenceContextVotes(test.population, parameters.layout)
        for step in 0..<2 {
            let segment = segment(test.population, position: step, seed: step)
            _ = estimator.estimate(segment, parameters: parameters, step: step, votes: votes)
            let source = SeededPerturbations(
                kernel: try .named("portable"), seed: 21, epoch: UInt32(step))
            let expected = plain.count(
                try #require(votes.fitness), on: segment, source: source)
            let contexts = try #require(votes.contexts)
            #expect(slots(contexts.inputs).map(\.context) == expected.map(\.context))
            #expect(slots(contexts.inputs).map(\.credit) == expected.map(\.credit))
            #expect(contexts.logits == nil)
        }
    }

    @Test(arguments: ContextVoteCase.all) func stateContinuesWhereItWas(test: ContextVoteCase)
        throws
    {
        let parameters = parameters(test)
        let votes = Votes(layout: parameters.layout)
        let straight = try estimator(test, parameters)
        for step in 0..<2 {
            _ = straight.estimate(
                segment(test.population, position: step, seed: step), parameters: parameters,
                step: step, votes: votes)
        }
        let resumed = try estimator(test, parameters, threads: 3)
        try resumed.restore(straight.state)
        #expect(resumed.state == straight.state)
        let last = segment(test.population, position: 2, seed: 2)
        _ = straight.estimate(last, parameters: parameters, step: 2, votes: votes)
        let fitness = votes.fitness
        let expected = slots(try #require(votes.contexts).inputs)
        _ = resumed.estimate(last, parameters: parameters, step: 2, votes: votes)
        let found = slots(try #require(votes.contexts).inputs)
        #expect(votes.fitness == fitness && resumed.state == straight.state)
        #expect(found.map(\.context) == expected.map(\.context))
        #expect(found.map(\.credit) == expected.map(\.credit))
    }

    @Test func refusesAStateThatDoesNotFit() throws {
        let test = ContextVoteCase(population: Population(size: 6, segmentTokens: 3))
        let estimator = try estimator(test, parameters(test))
        let good = estimator.state
        try estimator.restore(good)
        let zeros = [Int32](repeating: 0, count: 3 * ContextHistory.halfCount)
        let bad: [(String, StateValues?)] = [
            ("histories", nil), ("histories", .int32([])), ("histories", .int8([0])),
            ("histories", .int32(zeros + [0])), ("histories", .int32(zeros.dropLast())),
            ("contexts.multiplier", nil), ("contexts.multiplier", .int32([])),
            ("contexts.multiplier", .int32([0])), ("contexts.multiplier", .int32([1, 1])),
            ("contexts.multiplier", .int32([-1])), ("contexts.multiplier", .int32([1 << 30 + 1])),
            ("contexts.multiplier", .int8([1])),
        ]
        for (name, values) in bad {
            var state = good
            state[name] = values
            #expect(throws: ModelError.self, "\(name)") { try estimator.restore(state) }
        }
    }
}
