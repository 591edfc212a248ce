import CKernels
import IntegerTensor
import RecurrentLM
import TokenShards

/// What the groups of a population share in a step of node perturbation.
struct ActivationStep {
    let segment: UnsafeBufferPointer<UInt8>
    let noise: ActivationNoise
    let scales: CreditScales
}

/// Runs a block of groups over a segment: forward pass, credit, votes. A block belongs to one thread.
///
/// A group is K antithetic pairs that read the same tokens from the same state, each with noise of its own, of opposite
/// sign for its members. Rows 2g and 2g + 1 of the forward pass are the first pair of group g, whose mean the group
/// continues from; the second pairs of all groups follow, and so on: they tell how well their noise did. Up to
/// the first noise all of a group's rows are the same, and one row stands for them.
final class ActivationBlock {
    /// The votes that the block adds to a step, over all its calls.
    private(set) var votes: CreditVotes
    private(set) var squares: CreditScales.Squares
    private(set) var logLikelihood: Int64 = 0
    /// Tokens at which a pair's members had the same loss.
    private(set) var ties = 0

    /// K, the antithetic pairs of a group.
    private let draws: Int
    private let population: Population
    private let settings: NodePerturbationSettings
    private let model: PreparedModel
    private let kernel: UnsafePointer<egg_kernel>
    private let forward: BlockForward
    private let trace: ActivationTrace
    private let head: any HeadDelta
    /// Learned feedback, where the settings ask for it.
    let feedback: FeedbackBlock?
    private let states: GroupStates
    /// Where the credits of the contexts' rows go; nil for a model without contexts.
    private let contexts: ContextCredits?
    private let memberTargets: AlignedBuffer<UInt8>
    private let scores: AlignedBuffer<Int32>
    /// δ of the next token as it reaches the one before. [groups][stride]
    private let delta: AlignedBuffer<Int16>
    // The call at work: its groups, the token of the segment, and what all groups share.
    private var groups = 0..<0
    private var time = 0
    private var step: ActivationStep?

    init(
        model: PreparedModel, population: Population, settings: NodePerturbationSettings,
        groups: Int, feedback: LearnedFeedback?, contexts: ContextCredits?
    ) {
        let config = model.config
        self.contexts = contexts
        self.model = model
        self.population = population
        self.settings = settings
        kernel = model.kernel.table
        let draws = population.drawsPerGroup
        self.draws = draws
        let rows = 2 * draws * groups
        forward = BlockForward(model: model, capacity: rows)
        trace = ActivationTrace(
            config: config, groups: groups, draws: draws, tokens: population.segmentTokens,
            sites: settings.sites(config))
        states = GroupStates(
            trace, groups: groups, draws: draws, config: config, kernel: model.kernel)
        memberTargets = AlignedBuffer(count: rows)
        scores = AlignedBuffer(count: rows)
        delta = AlignedBuffer(count: groups * paddedWidth(config.hidden))
        votes = CreditVotes(model.layout, kernel: model.kernel, widest: config.vocabulary)
        self.feedback = feedback.map {
            FeedbackBlock(
                $0, config: config, kernel: model.kernel, rows: groups * population.segmentTokens,
                draws: draws)
        }
        head =
            switch settings.head {
            case .perturbation:
                PerturbedHead(
                    model: model, groups: groups, drawsPerGroup: draws,
                    headDraws: settings.headDraws)
            case .delta: SoftmaxDelta(model: model, groups: groups, drawsPerGroup: draws)
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

    /// Evaluates some groups and adds their votes; row `firstState` of `states` belongs to the first of them.
    func evaluate(
        _ groups: Range<Int>, _ step: ActivationStep, states: HiddenStates, from firstState: Int
    ) {
        self.groups = groups
        self.step = step
        trace.gatherTokens(of: groups, length: population.segmentTokens, from: step.segment)
        self.states.load(from: states, first: firstState, groups: groups.count)
        forward.begin(groups: groups.count, pairs: draws, states: self.states.members)
        for time in 0..<population.segmentTokens {
            self.time = time
            advance(step)
        }
        self.states.store(
            to: states, first: firstState, groups: groups.count, tokens: population.segmentTokens)
        feedback?.takePredictions(from: trace, rows: rowCount)
        for site in settings.sites(model.config) {
            trace.correlate(site, rows: rowCount, kernel: kernel)
        }
        feedback?.teach(
            trace, groups: groups.count, tokens: population.segmentTokens, step: step.noise.step,
            by: votes)
        creditStates(step.scales)
        creditContexts()
        countVotes()
    }

    // MARK: Forward

    /// The row of the first group at the current token.
    private var firstRow: Int { time * groups.count }
    /// The slot of the contexts' credits that the first group has at a token.
    private func firstSlot(at time: Int) -> Int { time * population.groups + groups.lowerBound }
    private var hidden: Int32 { Int32(model.config.hidden) }
    private var count: Int32 { Int32(groups.count) }

    /// Reads the token at `time`; all members start from the group's state.
    private func advance(_ step: ActivationStep) {
        states.spread(at: time, groups: groups.count)
        forward.step(trace.tokens.pointer + firstRow, stride: 1)
        states.collect(at: time, groups: groups.count)
        contexts?.inputs.keep(
            contexts: forward.lastContextHashes, count: groups.count, at: firstSlot(at: time))
        takeFitness(step.scales)
    }

    /// Computes the fitness of the token for each draw.
    private func takeFitness(_ scales: CreditScales) {
        let members = 2 * groups.count
        for row in 0..<members * draws {
            memberTargets.pointer[row] = trace.targets.pointer[firstRow + row % members / 2]
        }
        scores.zero()
        forward.addLogLikelihood(memberTargets.pointer, stride: 1, to: scores.pointer)
        for draw in 0..<draws {
            let scores = scores.pointer + draw * members
            let values = trace.fitness.pointer + draw * trace.rows + firstRow
            for index in 0..<groups.count {
                let (first, second) = (scores[2 * index], scores[2 * index + 1])
                let fitness = scales.fitness(first - second)
                values[index] = fitness
                squares.fitness += Int64(fitness) * Int64(fitness)
                logLikelihood += Int64(first) + Int64(second)
                if first == second { ties += 1 }
            }
        }
    }

    // MARK: Credit

    /// Computes δ_t = S_t + (1 - z_{t+1})·δ_{t+1} of every layer's state, backwards, with S the correlation of fitness
    /// and noise; from it follow the credits of candidate and gate.
    private func creditStates(_ scales: CreditScales) {
        for (index, layer) in trace.layers.enumerated() {
            guard let correlation = trace.correlation(of: .state(layer: index)) else { continue }
            delta.zero()
            let stride = layer.state.stride
            for time in (0..<population.segmentTokens).reversed() {
                let first = time * groups.count
                feedback?.add(
                    layer: index, from: first, rows: groups.count, to: delta, stride: stride)
                var part = egg_state_credit(
                    correlation: correlation.input(from: first),
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
                for group in 0..<groups.count
                where trace.tokens.pointer[first + group] == ModelConfig.separator {
                    (delta.pointer + group * stride).update(repeating: 0, count: stride)
                }
            }
        }
    }

    /// The credits of a site, from the correlation and what was predicted, in the trace's shared array.
    private func credit(_ site: ActivationSite) -> Int8Rows {
        guard let correlation = trace.correlation(of: site) else { return trace.credit }
        kernel.pointee.credit(
            Int32(rowCount), Int32(site.width(model.config)), correlation.input(),
            feedback?.feedback.scale.site ?? CreditScales.siteMultiplier(noise: settings.noise),
            feedback?.predictions(of: site)?.input() ?? egg_const_rows(),
            feedback?.feedback.scale.credit ?? 0, trace.credit.output())
        return trace.credit
    }

    /// Writes the credits of the rows that contexts chose: those of the state that they are added to, with less weight
    /// on what noise told and more on what was predicted of it, and the head's error.
    private func creditContexts() {
        let site = ActivationSite.state(layer: 0)
        guard let contexts, let correlation = trace.correlation(of: site) else { return }
        for time in 0..<population.segmentTokens {
            let first = time * groups.count
            let slot = firstSlot(at: time)
            kernel.pointee.credit(
                count, Int32(contexts.inputs.credits.width), correlation.input(from: first),
                feedback?.feedback.scale.contextSite
                    ?? CreditScales.siteMultiplier(noise: settings.noise),
                feedback?.predictions(of: site)?.input(from: first) ?? egg_const_rows(),
                feedback?.feedback.scale.contextCredit ?? 0,
                contexts.inputs.credits.output(from: slot))
            guard let logits = contexts.logits else { continue }
            copyRows(
                groups.count, model.config.vocabulary, from: trace.headCredit.input(from: first),
                to: logits.credits.output(from: slot))
        }
    }

    private var rowCount: Int { groups.count * population.segmentTokens }

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
    /// Adds the noise of a site, with opposite signs for the members of a pair.
    func reached(_ site: ActivationSite, _ rows: Int8Rows) {
        if site == .logits { return takeHeadError(rows) }
        guard let step, let noise = trace.noise(of: site) else { return }
        let width = site.width(model.config)
        for draw in 0..<draws {
            let first = draw * trace.rows + firstRow
            for (index, group) in groups.enumerated() {
                let key = step.noise.key(site, time: time, pair: group * draws + draw)
                model.kernel.fillNoise(key, first: 0, count: width, into: noise.row(first + index))
            }
            kernel.pointee.scale_noise(
                count, Int32(width), Int32(settings.noise), noise.output(from: first))
            kernel.pointee.perturb(
                count, Int32(width), noise.input(from: first),
                rows.output(from: 2 * draw * groups.count))
        }
    }

    /// Keeps the mean of what both members of a group's first pair read.
    func willRead(_ input: MatrixInput, _ rows: Int8Rows) {
        guard let kept = trace.input(input) else { return }
        let width = Int32(kept.width)
        let mean = kept.output(from: firstRow)
        if forward.hasRowPerGroup {
            copyRows(groups.count, kept.width, from: rows.input(), to: mean)
        } else {
            kernel.pointee.average(count, width, rows.input(), mean)
        }
        // A unit that is off in both members has no part in the loss.
        guard case .inner(let layer) = input, model.config.mlp == .relu,
            let noise = trace.noise(of: .inner(layer: layer))
        else { return }
        for draw in 0..<draws {
            kernel.pointee.mask_noise(
                count, width, rows.input(from: 2 * draw * groups.count),
                noise.output(from: draw * trace.rows + firstRow))
        }
    }

    func willMove(_ gate: GateParts) {
        let layer = trace.layers[gate.layer]
        kernel.pointee.gate_factors(
            count, forward.hasRowPerGroup ? 1 : 2, hidden, gate.fromInput, gate.fromState,
            gate.bias, gate.f, layer.state.input(from: firstRow),
            layer.openness.output(from: firstRow), layer.distance.output(from: firstRow))
    }

    private func takeHeadError(_ logits: Int8Rows) {
        guard let step else { return }
        squares.head += head.writeDelta(
            of: logits, targets: trace.targets.pointer + firstRow, groups, time: time, step,
            into: trace.headCredit.output(from: firstRow))
    }
}
