import RecurrentLM

/// What noise has to tell of a token's loss.
public enum FeedbackRule: String, CaseIterable, Sendable {
    /// Noise has to tell all of it.
    case none
    /// Noise has to tell what `LearnedFeedback` does not predict from the head's error.
    case learned
}

/// The settings of ``NodePerturbationEstimator``.
public struct NodePerturbationSettings: Equatable, Sendable {
    /// How the error of the last matrix is found.
    public var head: HeadRule
    /// What noise has to tell of a token's loss.
    public var feedback: FeedbackRule
    /// The standard deviation of the noise on activations; 16 = 1.0.
    public var noise: Int
    /// The draws of noise on the logits that each token of a group tries, with the perturbed head.
    public var headDraws: Int

    /// The values that ``noise`` may have: the largest draw, 64 at deviation 16, stays within Int8.
    public static let noiseRange = 1...30

    /// The values that ``headDraws`` may have: each draw begins at another sixteenth of the token's noise.
    public static let headDrawsRange = 1...16

    /// Makes settings; a deviation of 2 stands for 2/16.
    public init(
        head: HeadRule = .delta, feedback: FeedbackRule = .none, noise: Int = 2, headDraws: Int = 8
    ) {
        self.head = head
        self.feedback = feedback
        self.noise = noise
        self.headDraws = headDraws
    }

    /// The sites that carry noise in the forward pass.
    ///
    /// What the embedding and the MLP write is added to the vector that the noise on the state is added
    /// to, so that noise gives their credit too: fewer sites are less noise in each difference of losses.
    package func sites(_ config: ModelConfig) -> [ActivationSite] {
        (0..<config.layers).flatMap { layer -> [ActivationSite] in
            let state = ActivationSite.state(layer: layer)
            return config.mlpWidth > 0 ? [state, .inner(layer: layer)] : [state]
        }
    }

    /// Checks the bounds that hold for node perturbation only.
    /// - Throws: `ModelError` naming the setting.
    public func validate(_ population: Population) throws(ModelError) {
        guard feedback == .none || head == .delta else {
            throw ModelError(
                "population.feedback",
                "is learned from the head's error, which head: perturbation has not",
                remedy: "use population.head: delta, or feedback: none")
        }
        try population.validateCreditVotes()
        guard population.drawsPerGroup <= Self.mostDraws else {
            throw ModelError(
                "population.groupSize",
                "\(population.groupSize) is more than node perturbation adds up",
                remedy: "use at most \(2 * Self.mostDraws)")
        }
        guard population.segmentTokens <= Self.mostSegmentTokens else {
            throw ModelError(
                "population.segmentTokens",
                "\(population.segmentTokens) is more than node perturbation keeps",
                remedy: "use at most \(Self.mostSegmentTokens)")
        }
    }

    /// The most draws of noise that a group may try at a token: the multipliers of their sum stay within 32 bits.
    public static let mostDraws = 64

    /// The most tokens of a segment: the activations of all of them are kept until its end.
    public static let mostSegmentTokens = 4096
}
