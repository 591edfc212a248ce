import FixedPoint
import IntegerTensor
import RecurrentLM
import Testing

@testable import EvolutionStrategy

/// The votes of EGGROLL against their definition.
@Suite struct VoteCounterTests {
    private let layout = ParameterLayout(
        ModelConfig(vocabulary: 40, hidden: 21, layers: 1, mlpWidth: 5))

    private func fitness(_ form: FitnessForm, _ pairs: Int) -> Fitness {
        let most = [FitnessForm.sign: 1, .magnitude4: 7, .magnitude8: 127][form] ?? 0
        return Fitness(form, values: (0..<pairs).map { Int8(($0 * 37 % 9 - 4) * most / 4) })
    }

    private func votes(
        _ fitness: Fitness, _ source: some PerturbationSource, rank: NoiseRank, _ kernel: Kernel,
        mostTerms: Int = .max, threads: Int = 2
    ) -> [[Int32]] {
        let votes = Votes(layout: layout)
        let counter = VoteCounter(
            layout: layout, slice: WeightSlice(layout), pairs: fitness.values.count, rank: rank,
            kernel: kernel, pool: WorkerPool(threads: threads), mostTerms: mostTerms)
        counter.count(fitness, source: source, into: votes)
        return votes.values.map { values in (0..<values.count).map { values.pointer[$0] } }
    }

    /// E = Σ_p Σ_k A'_pk⊗B_pk for matrices and the embedding, Σ_p a'_p·b_p of one term for vectors.
    private func defined(
        _ fitness: Fitness, _ source: some PerturbationSource, rank: NoiseRank
    ) -> [[Int32]] {
        let shift = fitness.form.shift
        let half: Int32 = shift > 0 ? 1 << Int32(shift - 1) : 0
        func vector(_ tensor: Int, _ side: PerturbationSide, _ pair: Int, _ term: Int, _ count: Int)
            -> [Int32]
        {
            let values = AlignedBuffer<Int8>(count: count)
            source.fill(
                values.pointer, tensor: tensor, side: side, pair: pair, term: term, first: 0,
                count: count)
            return (0..<count).map { Int32(values.pointer[$0]) }
        }
        return layout.tensors.map { tensor in
            var sums = [Int32](repeating: 0, count: tensor.count)
            for (pair, value) in fitness.values.enumerated() {
                for term in 0..<(tensor.kind.isVector ? 1 : rank.terms) {
                    let a = vector(tensor.id, .a, pair, term, tensor.rows)
                        .map { Int32(clip(floorShift($0 * Int32(value) + half, by: shift))) }
                    let b = vector(tensor.id, .b, pair, term, tensor.columns)
                    for i in sums.indices {
                        let (row, column) =
                            tensor.kind.isVector
                            ? (i, i) : i.quotientAndRemainder(dividingBy: tensor.columns)
                        sums[i] += a[row] * b[column]
                    }
                }
            }
            return sums
        }
    }

    @Test(arguments: NoiseRank.allCases, Kernel.available)
    func areThoseOfTheDefinition(rank: NoiseRank, kernel: Kernel) {
        for form in FitnessForm.allCases {
            let fitness = fitness(form, 45)
            let source = SeededPerturbations(kernel: kernel, seed: 3, epoch: 1)
            let expected = defined(fitness, source, rank: rank)
            #expect(votes(fitness, source, rank: rank, kernel) == expected, "\(form)")
        }
    }

    /// Parts of any size, in the middle of a voter's terms too.
    @Test(arguments: [NoiseRank.one, .four], [1, 7, 64, 1000])
    func partsAddUpToTheWhole(rank: NoiseRank, mostTerms: Int) throws {
        let kernel = try Kernel.named("auto")
        let (fitness, source) = (
            fitness(.magnitude8, 70), SeededPerturbations(kernel: kernel, seed: 3, epoch: 1)
        )
        let whole = votes(fitness, source, rank: rank, kernel)
        for threads in [1, 3] {
            #expect(
                votes(
                    fitness, source, rank: rank, kernel, mostTerms: mostTerms, threads: threads)
                    == whole)
        }
    }

    @Test func sumsOfPartsSaturate() {
        #expect(VoteCounter.saturatingSum(.max, 1) == .max)
        #expect(VoteCounter.saturatingSum(-.max, -1) == -.max)
        #expect(VoteCounter.saturatingSum(.max, -.max) == 0)
        #expect(VoteCounter.saturatingSum(-.max + 3, -3) == -.max)
        #expect(VoteCounter.exactTerms(.sign) == 524_287)
        #expect(VoteCounter.exactTerms(.magnitude8) == 264_208)
    }

    /// A vote of rank r has √r times the deviation, that of a vector one of rank 1.
    @Test(arguments: NoiseRank.allCases) func theThresholdGrowsWithTheRank(rank: NoiseRank) {
        let votes = Votes(layout: layout)
        votes.fitness = Fitness(.sign, values: [1, -1, 1, 1])
        votes.rank = rank
        let root = [1: 1, 4: 2, 16: 4][rank.terms] ?? 0
        var parameters = Parameters(config: layout.config, seed: 1)
        let before = parameters
        let limit = Int32(100)
        for tensor in layout.tensors {
            let reached = tensor.kind.isVector ? limit : limit * Int32(root)
            for i in 0..<tensor.count {
                votes.values[tensor.id].pointer[i] = i % 2 == 0 ? reached : reached - 1
            }
            #expect(
                votes.noSignalRMS(of: tensor) == (tensor.kind.isVector ? 512 : 512 * Int64(root)))
        }
        _ = ThresholdRule.apply(votes, to: &parameters, limit: limit)
        for tensor in layout.tensors {
            let moved =
                tensor.count
                - zip(before.values[tensor.id], parameters.values[tensor.id])
                .count { $0 == $1 }
            let weights = before.values[tensor.id].enumerated().count { index, weight in
                index % 2 == 0 && weight < 127
            }
            #expect(moved == weights, "\(tensor.name)")
        }
    }
}
