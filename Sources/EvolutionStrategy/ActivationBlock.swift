import CKernels
import IntegerTensor
import RecurrentLM
import TokenShards

/// What the pairs of a population share in a step of the activation estimator.
struct ActivationStep {
    let segment: UnsafeBufferPointer<UInt8>
    let noise: ActivationNoise
    let scales: CreditScales
}

/// Runs a block of antithetic pairs over a segment: forward pass, credit, votes. Belongs to one thread.
///
/// Rows 2p and 2p + 1 of the forward pass are the members of pair p. Both read the same tokens from the
/// same state, with noise of opposite sign on their activations; after each token both continue from
/// the mean of their states.
final class ActivationBlock {
    /// What the block adds to a step, over all its calls.
    private(set) var votes: ActivationVotes
    private(set) var squares: CreditScales.Squares
    private(set) var logLikelihood: Int64 = 0
    /// Tokens at which a pair's members had the same loss.
    private(set) var ties = 0

    private let population: Population
    private let settings: ActivationSettings
    private let model: PreparedModel
    private let kernel: UnsafePointer<egg_kernel>
    private let forward: BlockForward
    private let trace: ActivationTrace
    private let head: any HeadError
    /// With learned feedback.
    let feedback: FeedbackBlock?
    /// The members' states and the pairs' states before they are taken over. [2 · pairs][L][D]
    private let members: HiddenStates
    private let memberTokens, memberTargets: AlignedBuffer<UInt8>
    private let scores: AlignedBuffer<Int32>
    /// δ of the next token as it reaches the one before. [pairs][stride]
    private let delta: AlignedBuffer<Int16>
    // The call at work: its pairs, the token of the segment, and what all pairs share.
    private var pairs = 0..<0
    private var time = 0
    private var step: ActivationStep?

    init(
        model: PreparedModel, population: Population, settings: ActivationSettings, pairs: Int,
        feedback: LearnedFeedback?
    ) {
        let config = model.config
        self.model = model
        self.population = population
        self.settings = settings
        kernel = model.kernel.table
        forward = BlockForward(model: model, capacity: 2 * pairs)
        trace = ActivationTrace(
            config: config, pairs: pairs, tokens: population.segmentTokens,
            sites: settings.sites(config))
        members = HiddenStates(rows: 2 * pairs, config: config)
        memberTokens = AlignedBuffer(count: 2 * pairs)
        memberTargets = AlignedBuffer(count: 2 * pairs)
        scores = AlignedBuffer(count: 2 * pairs)
        delta = AlignedBuffer(count: pairs * paddedWidth(config.hidden))
        votes = ActivationVotes(model.layout, kernel: model.kernel, widest: config.vocabulary)
        self.feedback = feedback.map {
            FeedbackBlock(
                $0, config: config, kernel: model.kernel, rows: pairs * population.segmentTokens)
        }
        head =
            switch settings.head {
            case .perturbation:
                HeadPerturbation(model: model, pairs: pairs, draws: settings.headDraws)
            case .delta: SoftmaxError(model: model, pairs: pairs)
            }
        squares = CreditScales.Squares(layers: config.layers)
        forward.probe = self
    }

    /// Begins a step.
    func reset() {
        votes.reset()
        feedback?.reset()
        squares = CreditScales.Squares(layers: model.config.layers)
        logLikelihood = 0
        ties = 0
    }

    /// Evaluates some pairs and adds their votes.
    /// - Parameter firstState: the row of `states` that belongs to the first of them.
    func evaluate(
        _ pairs: Range<Int>, _ step: ActivationStep, states: HiddenStates, from firstState: Int
    ) {
        self.pairs = pairs
        self.step = step
        trace.gatherTokens(of: pairs, population, from: step.segment)
        for (index, layer) in trace.layers.enumerated() {
            copy(
                pairs.count, states.input(from: firstState, layer: index),
                layer.state.output())
        }
        forward.begin(rows: 2 * pairs.count, states: members, firstState: 0)
        for time in 0..<population.segmentTokens {
            self.time = time
            advance(step)
        }
        for (index, layer) in trace.layers.enumerated() {
            copy(
                pairs.count, layer.state.input(from: population.segmentTokens * pairs.count),
                states.output(from: firstState, layer: index))
        }
        feedback?.takePredictions(from: trace, rows: rowCount)
        feedback?.teach(
            trace, pairs: pairs.count, tokens: population.segmentTokens, step: step.noise.step,
            by: votes)
        creditStates(step.scales)
        countVotes()
    }

    // MARK: Forward

    /// The row of the first pair at the current token.
    private var firstRow: Int { time * pairs.count }
    private var hidden: Int32 { Int32(model.config.hidden) }
    private var count: Int32 { Int32(pairs.count) }

    private func copy(_ rows: Int, _ source: egg_const_rows, _ target: egg_out_rows) {
        for row in 0..<rows {
            (target.data + row * target.stride).update(
                from: source.data + row * source.stride, count: model.config.hidden)
        }
    }

    /// Reads the token at `time`: both members from the pair's state.
    private func advance(_ step: ActivationStep) {
        for index in 0..<pairs.count {
            let row = firstRow + index
            for member in 2 * index...2 * index + 1 {
                memberTokens.pointer[member] = trace.tokens.pointer[row]
                memberTargets.pointer[member] = trace.targets.pointer[row]
            }
            guard trace.tokens.pointer[row] == 0 else { continue }
            for layer in trace.layers {
                layer.state.row(row).update(repeating: 0, count: layer.state.stride)
            }
        }
        for (index, layer) in trace.layers.enumerated() {
            kernel.pointee.spread(
                count, hidden, layer.state.input(from: firstRow),
                members.output(from: 0, layer: index))
        }
        forward.step(memberTokens.pointer, stride: 1)
        for (index, layer) in trace.layers.enumerated() {
            kernel.pointee.average(
                count, hidden, members.input(from: 0, layer: index),
                layer.state.output(from: firstRow + pairs.count))
        }
        scores.zero()
        forward.addLogLikelihood(memberTargets.pointer, stride: 1, to: scores.pointer)
        takeFitness(step.scales)
    }

    private func takeFitness(_ scales: CreditScales) {
        for index in 0..<pairs.count {
            let (first, second) = (scores.pointer[2 * index], scores.pointer[2 * index + 1])
            let fitness = scales.fitness(first - second)
            trace.fitness.pointer[firstRow + index] = fitness
            squares.fitness += Int64(fitness) * Int64(fitness)
            logLikelihood += Int64(first) + Int64(second)
            if first == second { ties += 1 }
        }
    }

    // MARK: Credit

    /// δ_t = 4·F_t·ξ_t + (1 - z_{t+1})·δ_{t+1} of every layer's state, backwards; from it the credits of
    /// candidate and gate.
    private func creditStates(_ scales: CreditScales) {
        for (index, layer) in trace.layers.enumerated() {
            guard let noise = trace.noise(of: .state(layer: index)) else { continue }
            delta.zero()
            let stride = layer.state.stride
            for time in (0..<population.segmentTokens).reversed() {
                let first = time * pairs.count
                feedback?.add(
                    layer: index, from: first, rows: pairs.count, to: delta, stride: stride)
                var part = egg_state_credit(
                    fitness: trace.fitness.pointer + first, noise: noise.input(from: first),
                    openness: layer.openness.input(from: first),
                    distance: layer.distance.input(from: first), delta: delta.pointer,
                    delta_stride: stride,
                    multipliers: (scales.candidate[index], scales.gate[index]),
                    candidate: layer.candidate.output(from: first),
                    gate: layer.gate.output(from: first), squares: (0, 0))
                kernel.pointee.state_credit(count, hidden, &part)
                squares.candidate[index] += part.squares.0
                squares.gate[index] += part.squares.1
                // A separator resets the state: nothing before it had a part in what came after.
                for pair in 0..<pairs.count where trace.tokens.pointer[first + pair] == 0 {
                    (delta.pointer + pair * stride).update(repeating: 0, count: stride)
                }
            }
        }
    }

    /// The credits F·ξ of a site, with what was predicted, in the trace's shared array.
    private func credit(_ site: ActivationSite) -> Int8Rows {
        guard let noise = trace.noise(of: site) else { return trace.credit }
        kernel.pointee.credit(
            Int32(rowCount), Int32(site.width(model.config)), trace.fitness.pointer, noise.input(),
            feedback?.feedback.scale.site ?? CreditScales.siteMultiplier(noise: settings.noise),
            feedback?.predictions(of: site)?.input() ?? egg_const_rows(),
            feedback?.feedback.scale.credit ?? 0, trace.credit.output())
        return trace.credit
    }

    private var rowCount: Int { pairs.count * population.segmentTokens }

    // MARK: Votes

    private func countVotes() {
        let layout = model.layout
        for (index, layer) in layout.layers.enumerated() {
            let kept = trace.layers[index]
            votes.add(layer.wf, rowCount, kept.gate, trace.input(.layer(index)))
            votes.add(layer.uf, rowCount, kept.gate, kept.state)
            votes.add(layer.wh, rowCount, kept.candidate, trace.input(.layer(index)))
            votes.add(layer.uh, rowCount, kept.candidate, trace.input(.gated(index)))
            votes.add(bias: layer.bf, rowCount, kept.gate)
            votes.add(bias: layer.bh, rowCount, kept.candidate)
            if let mlp = layer.mlp {
                let inner = credit(.inner(layer: index))
                votes.add(mlp.w1, rowCount, inner, trace.input(.mlp(index)))
            }
            guard index == 0 || layer.mlp != nil else { continue }
            // The credit of all that is added to the vector that the state is added to.
            let written = credit(.state(layer: index))
            if let mlp = layer.mlp {
                votes.add(mlp.w2, rowCount, written, trace.input(.inner(index)))
            }
            if index == 0 {
                votes.add(
                    embedding: layout.embedding, rowCount, written, tokens: trace.tokens.pointer)
            }
        }
        votes.add(layout.head, rowCount, trace.headCredit, trace.input(.head))
    }
}

// MARK: - What the forward pass shows

extension ActivationBlock: ForwardProbe {
    /// Adds the site's noise, with opposite signs for the members of a pair.
    func visit(_ site: ActivationSite, _ rows: Int8Rows) {
        if site == .logits { return takeHeadError(rows) }
        guard let step, let noise = trace.noise(of: site) else { return }
        let width = site.width(model.config)
        for (index, pair) in pairs.enumerated() {
            model.kernel.fillNoise(
                step.noise.key(site, time: time, pair: pair), first: 0, count: width,
                into: noise.row(firstRow + index))
        }
        let scaled = noise.output(from: firstRow)
        kernel.pointee.scale_noise(count, Int32(width), Int32(settings.noise), scaled)
        kernel.pointee.perturb(count, Int32(width), noise.input(from: firstRow), rows.output())
    }

    /// Keeps the mean of what both members read.
    func visit(_ input: MatrixInput, _ rows: Int8Rows) {
        guard let kept = trace.input(input) else { return }
        kernel.pointee.average(
            count, Int32(kept.width), rows.input(), kept.output(from: firstRow))
        // A unit that is off in both members has no part in the loss.
        if case .inner(let layer) = input, model.config.mlp == .relu,
            let noise = trace.noise(of: .inner(layer: layer))
        {
            kernel.pointee.mask_noise(
                count, Int32(kept.width), rows.input(), noise.output(from: firstRow))
        }
    }

    func visit(_ gate: GateParts) {
        let layer = trace.layers[gate.layer]
        kernel.pointee.gate_factors(
            count, hidden, gate.fromInput, gate.fromState, gate.bias, gate.table, gate.f,
            layer.state.input(from: firstRow), layer.openness.output(from: firstRow),
            layer.distance.output(from: firstRow))
    }

    private func takeHeadError(_ logits: Int8Rows) {
        guard let step else { return }
        squares.head += head.takeError(
            of: logits, targets: trace.targets.pointer + firstRow, pairs, time: time, step,
            into: trace.headCredit.output(from: firstRow))
    }
}
