import Diagnostics
import EvolutionStrategy
import FixedPoint
import IntegerTensor
import RecurrentLM
import Reference
import SeededNoise
import TokenShards

/// A kernel whose results differ from the reference: no figure of it counts.
struct KernelMismatch: UserError {
    let location: String
    let finding: String
    let remedy = "train with --kernel portable, and report the machine and this message"
}

/// Compares a kernel with the plain Swift reference on a few members of small models of odd shapes, with contexts and
/// without: scores, hidden states, votes and credits, with noise on the weights, which the reference draws itself, and
/// with noise on activations. Then it compares the moves of contexts' rows.
struct KernelCheck {
    let kernel: Kernel
    let pool: WorkerPool

    private static let seed: UInt64 = 0x5EED
    private static let step = 2

    /// - Throws: ``KernelMismatch`` naming the first case that differs.
    func run() throws(KernelMismatch) {
        for test in CheckCase.all { try check(test) }
        for test in ActivationCheckCase.all { try check(test) }
        for width in RowMoveCheck.widths where !RowMoveCheck(width: width).passes(kernel) {
            throw mismatch("rows of \(width)", "a move of the contexts' rows")
        }
    }

    private func check(_ test: ActivationCheckCase) throws(KernelMismatch) {
        var comparison: NodePerturbationComparison
        do {
            comparison = try NodePerturbationComparison(
                population: test.population, settings: test.settings, parameters: test.parameters,
                seed: Self.seed, kernel: kernel, pool: pool)
        } catch {
            throw mismatch(test.name, "\(error.location): \(error.finding)")
        }
        // The second segment begins with the states and multipliers of the first.
        for segment in test.segments {
            if let difference = comparison.firstDifference(on: segment) {
                throw mismatch(test.name, difference)
            }
        }
    }

    private func check(_ test: CheckCase) throws(KernelMismatch) {
        let parameters = test.parameters
        let segment = test.segment
        let noise = ReferenceNoise(seed: Self.seed, epoch: UInt32(Self.step))
        let evaluator = PopulationEvaluator(
            population: test.population,
            model: PreparedModel(parameters, kernel: kernel, loss: test.loss), pool: pool)
        let scores = evaluator.scores(
            segment,
            source: SeededPerturbations(kernel: kernel, seed: Self.seed, epoch: noise.epoch))
        for member in 0..<test.population.size {
            let expected = test.reference(member, parameters, noise)
            guard scores.members[member] == expected.score else {
                throw mismatch(test.name, "the score of member \(member)")
            }
            guard evaluator.states.values(row: member) == expected.state else {
                throw mismatch(test.name, "the hidden state of member \(member)")
            }
        }
        try checkVotes(
            test, parameters, Fitness(test.fitness, differences: scores.differences), noise)
    }

    private func checkVotes(
        _ test: CheckCase, _ parameters: Parameters, _ fitness: Fitness, _ noise: ReferenceNoise
    ) throws(KernelMismatch) {
        let votes = Votes(layout: parameters.layout)
        let estimator = EggrollEstimator(
            population: test.population, loss: test.loss, fitness: test.fitness,
            parameters: parameters, seed: Self.seed, kernel: kernel, pool: pool)
        _ = estimator.estimate(
            test.segment, parameters: parameters, step: Self.step, votes: votes)
        for tensor in parameters.layout.tensors {
            let expected = Self.votes(for: tensor, fitness, noise, test.population.rank)
            guard votes.values[tensor.id].span.elementsEqual(expected) else {
                throw mismatch(test.name, "the votes of \(tensor.name)")
            }
        }
        if let contexts = votes.contexts {
            try checkCredits(test, parameters, fitness, noise, contexts.inputs)
        }
    }

    private func checkCredits(
        _ test: CheckCase, _ parameters: Parameters, _ fitness: Fitness, _ noise: ReferenceNoise,
        _ credits: RowCredits
    ) throws(KernelMismatch) {
        var counter = ReferenceContextVotes(test.population, parameters.layout)
        let expected = counter.count(fitness, on: test.segment, source: noise)
        let isEqual =
            credits.slots == expected.count
            && expected.indices.allSatisfy { slot in
                credits.contexts.pointer[slot] == expected[slot].context
                    && credits.credits.values(row: slot) == expected[slot].credit
            }
        guard isEqual else { throw mismatch(test.name, "the credits of the contexts' rows") }
    }

    /// E = Σ_p Σ_k A'_pk⊗B_pk with A' = clip((A·F + half) >> shift), and a·b in place of it for vectors.
    private static func votes(
        for tensor: ParameterSpec, _ fitness: Fitness, _ noise: ReferenceNoise, _ rank: NoiseRank
    ) -> [Int32] {
        var sums = [Int32](repeating: 0, count: tensor.count)
        let shift = fitness.form.shift
        let half: Int32 = shift > 0 ? 1 << Int32(shift - 1) : 0
        let terms = rank.of(tensor.kind).terms
        for index in 0..<fitness.values.count * terms {
            let (pair, term) = index.quotientAndRemainder(dividingBy: terms)
            let value = Int32(fitness.values[pair])
            let b = noise.vector(tensor.id, .b, pair, term: term, count: tensor.columns)
                .map(Int32.init)
            let a = noise.vector(tensor.id, .a, pair, term: term, count: tensor.rows).map {
                Int32(clip(floorShift(Int32($0) * value + half, by: shift)))
            }
            for row in 0..<tensor.rows {
                if tensor.kind.isVector {
                    sums[row] += a[row] * b[row]
                } else {
                    for column in 0..<tensor.columns {
                        sums[row * tensor.columns + column] += a[row] * b[column]
                    }
                }
            }
        }
        return sums
    }

    private func mismatch(_ test: String, _ what: String) -> KernelMismatch {
        KernelMismatch(
            location: "kernel '\(kernel.name)'",
            finding: "\(what) differs from the reference (\(test))")
    }
}

/// Noise from its definition, without a kernel.
struct ReferenceNoise: PerturbationSource {
    var rowNoise: RowNoise { RowNoise(seed: seed, epoch: epoch) }

    let seed: UInt64
    let epoch: UInt32

    func vector(
        _ tensor: Int, _ side: PerturbationSide, _ pair: Int, term: Int, count: Int
    ) -> [Int8] {
        NoiseKey(
            seed: seed, domain: .perturbation,
            stream: SeededPerturbations.stream(tensor: tensor, side: side, term: term),
            index: UInt32(pair), epoch: epoch
        ).normals(count: count)
    }

    func fill(
        _ output: UnsafeMutablePointer<Int8>, tensor: Int, side: PerturbationSide, pair: Int,
        term: Int, first: Int, count: Int
    ) {
        let values = vector(tensor, side, pair, term: term, count: first + count)
        for (index, value) in values[first...].enumerated() {
            output[index] = value
        }
    }
}
