import IntegerTensor
import RecurrentLM

/// The memory that node perturbation needs.
extension NodePerturbationSettings {
    /// A block has more than one group only while its trace has at most this many bytes.
    static let mostTraceBytes = 1 << 28
    /// The bytes of a layer for each unit and token: the inputs of the gate's and candidate's matrices, state,
    /// openness, distance and two credits.
    private static let bytesPerUnit = 7

    /// The fewest bytes that one thread takes: the trace of a block of one group, and the block's votes.
    public func bytesPerThread(_ config: ModelConfig, _ population: Population) -> Int {
        let votes = ParameterLayout(config).parameterCount + feedbackWeights(config)
        return bytesPerGroup(config, population) + votes * MemoryLayout<Int32>.stride
    }

    /// The bytes of the trace of one group. At each site there are the noise of K draws, their correlation of 16 bits
    /// and the prediction of learned feedback.
    func bytesPerGroup(_ config: ModelConfig, _ population: Population) -> Int {
        let hidden = paddedWidth(config.hidden)
        let inner = paddedWidth(config.mlpWidth)
        let ofSite = population.drawsPerGroup + 2 + (feedback == .learned ? 1 : 0)
        let ofSites = sites(config).reduce(0) { $0 + paddedWidth($1.width(config)) } * ofSite
        let ofMLP = config.mlpWidth > 0 ? hidden + inner : 0
        let ofLayers = config.layers * (Self.bytesPerUnit * hidden + ofMLP)
        let ofHead = hidden + paddedWidth(config.vocabulary + 1)
        let credit = paddedWidth(config.widestInput)
        return population.segmentTokens * (ofLayers + ofSites + ofHead + credit)
    }

    /// The groups of a block, where a process has `groups` of them: as many as have a kernel's block of rows, or up to
    /// four times as many, as the products of votes and recurrence have only one row a group. A small slice is cut so
    /// that every thread has a block, and where the trace of a group is large a block has fewer. `rows` are those of a
    /// full block, as the kernel prefers them.
    func blockGroups(
        _ groups: Int, _ population: Population, _ config: ModelConfig, rows: Int, threads: Int
    ) -> Int {
        let draws = population.drawsPerGroup
        let wanted = max(rows / (2 * draws), min(rows / 4, 2 * rows / draws))
        let perThread = (groups + threads - 1) / threads
        let kept = Self.mostTraceBytes / bytesPerGroup(config, population)
        return max(1, min(wanted, perThread, kept))
    }

    /// The number of weights that the learned feedback has; 0 without it.
    public func feedbackWeights(_ config: ModelConfig) -> Int {
        guard feedback == .learned else { return 0 }
        return sites(config).reduce(0) { $0 + $1.width(config) * config.vocabulary }
    }
}
