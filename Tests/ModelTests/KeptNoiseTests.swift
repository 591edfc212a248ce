import CKernels
import IntegerTensor
import RecurrentLM
import Testing
import TokenShards

@testable import EvolutionStrategy

/// The noise that is kept from the evaluation to the votes is that which would be generated.
@Suite struct KeptNoiseTests {
    private static let models = [
        ModelConfig(hidden: 9, layers: 2, mlpWidth: 70),
        ModelConfig(
            hidden: 65, layers: 1, mlpWidth: 0, contexts: [.bytes(2), .word], contextRows: 256,
            direct: true),
    ]

    private func source(epoch: UInt32) throws -> SeededPerturbations {
        SeededPerturbations(kernel: try .named("auto"), seed: 5, epoch: epoch)
    }

    @Test(arguments: models, NoiseRank.allCases)
    func everyVectorIsThatOfItsSource(_ model: ModelConfig, _ rank: NoiseRank) throws {
        let layout = ParameterLayout(model)
        // More directions than a thread takes at once.
        let kept = KeptNoise(layout: layout, directions: 37, rank: rank, perturbsHead: true)
        for epoch: UInt32 in [3, 4, 4] {
            let source = try source(epoch: epoch)
            kept.fill(from: source, pool: WorkerPool(threads: 3))
            let wrong = layout.tensors.filter { tensor in
                (0..<37).contains { pair in
                    (0..<rank.of(tensor.kind).terms).contains { term in
                        !isEqual(
                            KeptPerturbations(source, in: kept), source, tensor, pair, term)
                    }
                }
            }
            #expect(wrong.map(\.name) == [], "epoch \(epoch)")
        }
    }

    /// Whether both factors of a term are those of the source, at their place in memory and copied.
    private func isEqual(
        _ kept: KeptPerturbations, _ source: SeededPerturbations, _ tensor: ParameterSpec,
        _ pair: Int, _ term: Int
    ) -> Bool {
        [(PerturbationSide.a, tensor.rows), (.b, tensor.columns)].allSatisfy { side, count in
            let expected = vector(source, tensor.id, side, pair, term, count)
            guard
                let rows = kept.vectors(tensor: tensor.id, side: side, from: pair, term: term)
            else { return false }
            return expected == (0..<count).map { rows.data[$0] }
                && expected == vector(kept, tensor.id, side, pair, term, count)
        }
    }

    private func vector(
        _ source: some PerturbationSource, _ tensor: Int, _ side: PerturbationSide, _ pair: Int,
        _ term: Int, _ count: Int
    ) -> [Int8] {
        let values = AlignedBuffer<Int8>(count: count)
        source.fill(
            values.pointer, tensor: tensor, side: side, pair: pair, term: term, first: 0,
            count: count)
        return (0..<count).map { values.pointer[$0] }
    }

    /// Steps that keep their noise give the votes of steps that generate it twice: with every direction voting, and with
    /// ties; with noise for one step and for two; with a head that has none.
    @Test(
        arguments: models,
        [
            (FitnessForm.magnitude8, NoiseRank.four, Sampling.oneSided, HeadRule.delta),
            (.sign, .one, .antithetic, .perturbation), (.sign, .four, .oneSided, .perturbation),
        ])
    func stepsThatKeepTheirNoiseGiveTheSameVotes(
        _ model: ModelConfig,
        _ kind: (FitnessForm, NoiseRank, Sampling, HeadRule)
    ) throws {
        var model = model
        let (form, rank, sampling, head) = kind
        if sampling == .antithetic { model.direct = false }
        var population = Population(size: 148, groupSize: 4, segmentTokens: 3)
        population.sampling = sampling
        population.rank = rank
        population.noiseReuse = 2
        #expect(population.keptNoiseBytes(model) > 0)
        let parameters = Parameters(config: model, seed: 3)
        func estimator() throws -> EggrollEstimator {
            EggrollEstimator(
                population: population, fitness: form, head: head, parameters: parameters, seed: 5,
                kernel: try .named("auto"), pool: WorkerPool(threads: 2))
        }
        let (keeping, generating) = (try estimator(), try estimator())
        let (kept, generated) = (
            Votes(layout: parameters.layout), Votes(layout: parameters.layout)
        )
        for step in 0..<3 {
            let segment = segment(population, position: step)
            _ = keeping.estimate(segment, parameters: parameters, step: step, votes: kept)
            let source = try source(epoch: population.noiseEpoch(step: step))
            _ = generating.estimate(
                segment, parameters: parameters, source: source, votes: generated)
            #expect(kept.fitness?.values == generated.fitness?.values)
            let isEqual = zip(kept.values, generated.values).allSatisfy { kept, generated in
                (0..<kept.count).allSatisfy { kept.pointer[$0] == generated.pointer[$0] }
            }
            #expect(isEqual, "step \(step)")
        }
        if form == .sign { #expect(kept.fitness?.values.contains(0) == true, "ties") }
    }

    /// The votes of chunks of directions that all vote are read where they are kept, those with ties are copied.
    @Test(arguments: [false, true], NoiseRank.allCases)
    func votesReadTheKeptNoise(_ hasTies: Bool, _ rank: NoiseRank) throws {
        let layout = ParameterLayout(Self.models[0])
        let directions = Int(EGG_VOTE_PAIRS) + 3
        let values = (0..<directions).map { index in
            let value = Int8(truncatingIfNeeded: index * 37 % 255 - 127)
            return value == 0 && !hasTies ? 1 : value
        }
        let kept = KeptNoise(layout: layout, directions: directions, rank: rank, perturbsHead: true)
        let pool = WorkerPool(threads: 2)
        let source = try source(epoch: 1)
        kept.fill(from: source, pool: pool)
        let counter = VoteCounter(
            layout: layout, slice: WeightSlice(layout), pairs: directions, rank: rank,
            kernel: try .named("auto"), pool: pool)
        let fitness = Fitness(.magnitude8, values: values)
        let (read, generated) = (Votes(layout: layout), Votes(layout: layout))
        counter.count(fitness, source: KeptPerturbations(source, in: kept), into: read)
        counter.count(fitness, source: source, into: generated)
        for tensor in layout.tensors {
            let (one, other) = (read.values[tensor.id], generated.values[tensor.id])
            let isEqual = (0..<one.count).allSatisfy { one.pointer[$0] == other.pointer[$0] }
            #expect(isEqual, "\(tensor.name)")
        }
        #expect(values.contains(0) == hasTies)
    }

    private func segment(_ population: Population, position: Int) -> Segment {
        let count = population.streams * (population.segmentTokens + 1)
        return Segment(
            tokens: BatchedEqualsReferenceTests.tokens(count: count, seed: UInt64(position)),
            streams: population.streams, length: population.segmentTokens, position: position)
    }
}
