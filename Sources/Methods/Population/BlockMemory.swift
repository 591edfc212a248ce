import CKernels
import IntegerTensor
import RecurrentLM

extension ModelConfig {
    /// The bytes of the noise of one draw of EGGROLL: the factors of every tensor.
    func bytesPerDraw(rank: NoiseRank) -> Int {
        ParameterLayout(self).tensors.reduce(0) {
            $0 + (paddedWidth($1.rows) + paddedWidth($1.columns))
                * rank.of($1.kind).terms
        }
    }
}

extension Population {
    /// The most bytes that a thread of EGGROLL takes for a block of rows and for its part of the votes.
    public func mostBlockBytes(_ config: ModelConfig) -> Int {
        let rows = min(BlockMemory.mostRows, self.rows)
        let ofRow =
            config.bytesPerBlockRow + config.bytesPerDraw(rank: rank) + segmentTokens + 1
            + config.layers * paddedWidth(config.hidden)
        let ofVotes =
            Int(EGG_VOTE_PAIRS) * BlockMemory.voteRows * paddedWidth(config.widestInput)
        return rows * ofRow + ofVotes
    }

    /// The bytes of the credits that a step of EGGROLL gives the rows of contexts: a slot for each row that a token reads,
    /// as none may be read twice, and one for each token's error.
    public func creditBytes(_ config: ModelConfig) -> Int {
        let tokens = streams * segmentTokens
        let inputs = RowCredits.bytes(
            capacity: tokens * config.contexts.count, contextsPerSlot: 1,
            width: ContextTable.inputWidth(config))
        guard config.direct else { return inputs }
        return inputs
            + RowCredits.bytes(
                capacity: tokens, contextsPerSlot: config.contexts.count, width: config.vocabulary)
    }
}

extension NodePerturbationSettings {
    /// The most bytes that a thread takes for a block of groups beyond ``bytesPerThread(_:_:)``.
    public func mostBlockBytes(
        _ config: ModelConfig, _ population: Population, threads: Int
    ) -> Int {
        let groups = blockGroups(
            population.groups, population, config, rows: BlockMemory.mostRows, threads: threads)
        let rows = 2 * population.drawsPerGroup * groups
        let ofVotes =
            Int(EGG_VOTE_PAIRS) * BlockMemory.voteRows * paddedWidth(config.widestInput)
        let perRow = config.bytesPerBlockRow + config.layers * paddedWidth(config.hidden)
        return (groups - 1) * bytesPerGroup(config, population) + rows * perRow + ofVotes
    }
}

/// The numbers that the estimates of memory count with.
private enum BlockMemory {
    /// The rows of the widest input that the votes of a chunk of pairs take: both factors and a kernel's scratch.
    static let voteRows = 6
    /// The most rows that a kernel of this build wants in a block.
    static let mostRows =
        Kernel.candidates.map { Int($0.kernel.table.pointee.block_rows) }.max() ?? 1
}
