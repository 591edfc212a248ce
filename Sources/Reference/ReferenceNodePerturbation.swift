import EvolutionStrategy
import FixedPoint
import RecurrentLM

/// The normative votes of node perturbation, one group at a time in plain Swift.
/// ``NodePerturbationEstimator`` is tested to equal it exactly.
struct ReferenceNodePerturbation {
    let parameters: Parameters
    let settings: NodePerturbationSettings
    let noise: ActivationNoise
    let scales: CreditScales
    /// K, the antithetic pairs of a group, each with noise of its own.
    let draws: Int
    /// The learned feedback, where there is one: B by site, and its votes.
    private(set) var feedback: ReferenceFeedback?
    /// The votes E by tensor id.
    private(set) var votes: [[Int32]]
    private(set) var squares: CreditScales.Squares
    private(set) var logLikelihood: Int64 = 0
    private(set) var ties = 0
    /// The hashes of the contexts of each token of each group, their credit and the head's error, in the order of
    /// ``add(group:_:_:)``.
    private(set) var contextCredits: [(contexts: [UInt32], credit: [Int8], error: [Int8])] = []

    private var layout: ParameterLayout { parameters.layout }
    private var config: ModelConfig { parameters.config }

    init(
        parameters: Parameters, settings: NodePerturbationSettings, noise: ActivationNoise,
        scales: CreditScales, draws: Int = 1, feedback: ReferenceFeedback? = nil
    ) {
        self.draws = draws
        self.feedback = feedback
        self.parameters = parameters
        self.settings = settings
        self.noise = noise
        self.scales = scales
        votes = parameters.layout.tensors.map { [Int32](repeating: 0, count: $0.count) }
        squares = CreditScales.Squares(layers: parameters.config.layers)
    }

    /// What a token leaves behind, with its fitness.
    private struct Token {
        let token, target: UInt8
        /// The records of the draws' pairs; what the first pair made of the token is the group's.
        let records: [ReferencePair.Record]
        /// The fitness of each draw; with feedback, what the feedback does not predict of it.
        var fitness: [Int8]
        var record: ReferencePair.Record { records[0] }
        /// The predictions of the feedback, by site.
        var predictions: [ActivationSite: [Int8]] = [:]
        var headError: [Int8] = []
    }

    /// Adds the votes of a group that reads `tokens`, each but the last with its successor as target.
    mutating func add(group: Int, _ model: inout ReferencePair, _ tokens: [UInt8]) {
        let read = (0..<tokens.count - 1).map { time in
            let token = self.read(
                tokens[time], target: tokens[time + 1], time: time, group: group, &model)
            return predicted(token, time: time)
        }
        for token in read {
            vote(token)
            contextCredits.append(
                (token.record.contexts, contextCredit(token), token.headError))
        }
        for layer in 0..<config.layers { voteThroughTime(layer, read) }
    }

    private mutating func read(
        _ token: UInt8, target: UInt8, time: Int, group: Int, _ model: inout ReferencePair
    ) -> Token {
        let sites = Set(settings.sites(config))
        let before = model
        var records: [ReferencePair.Record] = []
        var fitness: [Int8] = []
        for pair in group * draws..<(group + 1) * draws {
            var reader = before
            let record = reader.step(token) { site in
                guard sites.contains(site) else { return nil }
                return noise.key(site, time: time, pair: pair).normals(count: site.width(config))
                    .map { Int8(floorShift(Int32($0) * Int32(settings.noise) + 8, by: 4)) }
            }
            if records.isEmpty { model = reader }
            records.append(record)
            fitness.append(takeFitness(record, target))
        }
        var read = Token(token: token, target: target, records: records, fitness: fitness)
        let first = group * draws
        read.headError =
            switch settings.head {
            case .perturbation: perturbedHeadError(read, time: time, pair: first)
            case .delta:
                ReferenceModel.error(
                    records[0].logits[0], records[0].logits[1], target: target,
                    dither: noise.dither(time: time, pair: first))
            }
        return read
    }

    private mutating func takeFitness(_ record: ReferencePair.Record, _ target: UInt8) -> Int8 {
        let scores = record.logits.map {
            ReferenceModel.logLikelihood($0, target: target, loss: .fine)
        }
        let fitness = scales.fitness(scores[0] - scores[1])
        squares.fitness += Int64(fitness) * Int64(fitness)
        logLikelihood += Int64(scores[0]) + Int64(scores[1])
        ties += scores[0] == scores[1] ? 1 : 0
        return fitness
    }

    /// The token with what the feedback predicts of it, from which the feedback learns.
    private mutating func predicted(_ read: Token, time: Int) -> Token {
        guard let feedback else { return read }
        var token = read
        var sums = [Int64](repeating: 0, count: draws)
        for site in settings.sites(config) {
            var values = feedback.predict(site, token.headError)
            if case .inner(let layer) = site, config.mlp == .relu {
                let inner = token.record.inputs[.inner(layer)] ?? []
                values = zip(values, inner).map { $1 > 0 ? $0 : 0 }
            }
            token.predictions[site] = values
            for (draw, record) in token.records.enumerated() {
                for (noise, value) in zip(record.noise[site] ?? [], values) {
                    sums[draw] += Int64(noise) * Int64(value)
                }
            }
        }
        token.fitness = zip(token.fitness, sums).map {
            feedback.scale.residual($0, predicted: $1)
        }
        guard LearnedFeedback.teaches(time: time, step: noise.step) else { return token }
        for site in settings.sites(config) {
            let credit = noiseCredit(site, token)
            self.feedback?.add(site, credit, token.headError)
        }
        return token
    }

    // MARK: Credits of one token

    private mutating func vote(_ token: Token) {
        let record = token.record
        for (index, layer) in layout.layers.enumerated() {
            guard let mlp = layer.mlp else { continue }
            add(mlp.w1, credit(.inner(layer: index), token), record.inputs[.mlp(index)])
            add(mlp.w2, credit(.state(layer: index), token), record.inputs[.inner(index)])
        }
        let start = Int(token.token) * config.hidden
        for (i, credit) in credit(.state(layer: 0), token).enumerated() {
            votes[layout.embedding][start + i] += Int32(credit)
        }
        add(layout.head, token.headError, record.inputs[.head])
    }

    /// The correlation: clamp((Σ F·ξ·⌊√(2^20 / K)⌋ + 2^7) >> 8) within ±32767, the sum over the draws.
    private func correlation(_ site: ActivationSite, _ token: Token) -> [Int32] {
        var sums = [Int32](repeating: 0, count: site.width(config))
        for (fitness, record) in zip(token.fitness, token.records) {
            for (i, noise) in (record.noise[site] ?? []).enumerated() {
                sums[i] += Int32(fitness) * Int32(noise)
            }
        }
        let scale = Int32(integerSquareRoot(UInt32((1 << 20) / draws)))
        return sums.map { min(32767, max(-32767, floorShift($0 * scale + 1 << 7, by: 8))) }
    }

    /// The credit of a site: the scaled correlation and what was predicted.
    private func credit(_ site: ActivationSite, _ token: Token) -> [Int8] {
        guard let feedback, let predictions = token.predictions[site] else {
            return noiseCredit(site, token)
        }
        return zip(scaledNoise(site, token), predictions).map {
            Self.roundedSite($0 + feedback.scale.credit * Int32($1))
        }
    }

    /// The credit of the rows of contexts, with other weights on what noise told and on what was predicted of it.
    private func contextCredit(_ token: Token) -> [Int8] {
        let site = ActivationSite.state(layer: 0)
        let width = ContextTable.inputWidth(config)
        guard let feedback, let predictions = token.predictions[site] else {
            return Array(noiseCredit(site, token).prefix(width))
        }
        return zip(correlation(site, token), predictions).prefix(width).map {
            Self.roundedSite(
                $0 * feedback.scale.contextSite + Int32($1) * feedback.scale.contextCredit)
        }
    }

    /// The credit of a site without predictions: the scaled correlation.
    private func noiseCredit(_ site: ActivationSite, _ token: Token) -> [Int8] {
        scaledNoise(site, token).map(Self.roundedSite)
    }

    /// The correlation times a site's multiplier, with 14 fraction bits.
    private func scaledNoise(_ site: ActivationSite, _ token: Token) -> [Int32] {
        let multiplier =
            feedback?.scale.site ?? CreditScales.siteMultiplier(noise: settings.noise)
        return correlation(site, token).map { $0 * multiplier }
    }

    /// Drops the 14 fraction bits of a site's multiplier.
    private static func roundedSite(_ product: Int32) -> Int8 {
        clip(floorShift(product + 1 << 13, by: 14))
    }

    /// Drops the 12 fraction bits of a multiplier.
    private static func rounded(_ product: Int32) -> Int8 {
        clip(floorShift(product + 1 << 11, by: 12))
    }

    /// The error clip(e + F·ξ, scaled) over several draws of noise on the mean of the members' logits.
    private mutating func perturbedHeadError(_ token: Token, time: Int, pair: Int) -> [Int8] {
        let mean = zip(token.record.logits[0], token.record.logits[1]).map {
            floorShift(Int32($0) + Int32($1) + 1, by: 1)
        }
        let normals = noise.key(.logits, time: time, pair: pair).normals(count: config.vocabulary)
        var error = [Int8](repeating: 0, count: config.vocabulary)
        for draw in 0..<settings.headDraws {
            let rotation = ActivationNoise.rotation(
                draw: draw, vocabulary: config.vocabulary)
            let change = normals[rotation...] + normals[..<rotation]
            let scores = [1, -1].map { (sign: Int32) in
                ReferenceModel.logLikelihood(
                    zip(mean, change).map { clip($0 + sign * Int32($1)) }, target: token.target,
                    loss: .fine)
            }
            let fitness = scales.headFitness(scores[0] - scores[1])
            squares.head += Int64(fitness) * Int64(fitness)
            let factor = Int32(fitness) * CreditScales.headMultiplier(headDraws: settings.headDraws)
            error = zip(error, change).map {
                Self.roundedSite(factor * Int32($1) + Int32($0) << 14)
            }
        }
        return error
    }

    // MARK: Credits through time

    /// Votes by δ_t = correlation_t + (1 - z_{t+1})·δ_{t+1}; the credits are δ·z of the candidate and δ·(h - s) of the
    /// gate.
    private mutating func voteThroughTime(_ layer: Int, _ read: [Token]) {
        let ids = layout.layers[layer]
        var carried = [Int32](repeating: 0, count: config.hidden)
        for token in read.reversed() {
            let record = token.record
            let own = correlation(.state(layer: layer), token)
            var candidate: [Int8] = []
            var gate: [Int8] = []
            for i in 0..<config.hidden {
                if let feedback, let predictions = token.predictions[.state(layer: layer)] {
                    let product = Int32(predictions[i]) * feedback.scale.state
                    let change = floorShift(product + 1 << 11, by: 12)
                    carried[i] = min(32767, max(-32767, carried[i] + change))
                }
                let sum = own[i] + carried[i]
                let delta = min(32767, max(-32767, sum))
                let open = Int32(record.openness[layer][i]) + 127
                let apart = Int32(record.distance[layer][i])
                candidate.append(
                    Self.rounded(floorShift(delta * open + 64, by: 7) * scales.candidate[layer]))
                gate.append(
                    Self.rounded(floorShift(delta * apart + 64, by: 7) * scales.gate[layer]))
                // A separator resets the state: nothing before it had a part in what came after.
                carried[i] =
                    token.token == ModelConfig.separator
                    ? 0 : floorShift(delta * (256 - open) + 128, by: 8)
            }
            squares.candidate[layer] += Self.squares(candidate)
            squares.gate[layer] += Self.squares(gate)
            add(ids.wf, gate, record.inputs[.layer(layer)])
            add(ids.uf, gate, record.state[layer])
            add(ids.bf, gate, [1])
            add(ids.wh, candidate, record.inputs[.layer(layer)])
            add(ids.uh, candidate, record.inputs[.gated(layer)])
            add(ids.bh, candidate, [1])
        }
    }

    private static func squares(_ values: [Int8]) -> Int64 {
        values.reduce(0) { $0 + Int64($1) * Int64($1) }
    }

    /// Adds credit ⊗ input to the votes E of a matrix, or credit to those of a bias.
    private mutating func add(_ id: Int, _ credit: [Int8], _ input: [Int8]?) {
        guard let input else { return }
        for (row, credit) in credit.enumerated() {
            for (column, x) in input.enumerated() {
                votes[id][row * input.count + column] += Int32(credit) * Int32(x)
            }
        }
    }
}
