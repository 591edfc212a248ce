import EvolutionStrategy
import IntegerTensor
import RecurrentLM
import TokenShards

/// The most bytes that a run asks for. They count where a limit is on what is mapped, used or not.
extension MemoryNeed {
    /// One in so many bytes is added to all memory: rows are padded, and an array is copied before it is changed.
    private static let slack = 8
    /// The number of segments that are ready or in use, with the one that is being made.
    private static let segments = 4

    static func mappedBytes(_ config: RunConfig, threads: Int) -> Int {
        let method = config.method.memory(for: config.model, threads: threads)
        let needed = bytes(config, threads: threads) + threads * method.mostBlockBytes
        // Where a run is continued, the rows of contexts are read compressed, but nobody knows how well.
        return needed + needed / slack + config.model.contextBytes + readerBytes(config)
            + validationBytes(config)
    }

    /// The bytes of the tokens that are read ahead.
    private static func readerBytes(_ config: RunConfig) -> Int {
        let rows = config.population.streams * (config.population.segmentTokens + 1)
        return max(SegmentReader.defaultMemoryBudget, 2 * rows) + segments * rows
    }

    /// The bytes of the states and blocks of a validation's streams.
    private static func validationBytes(_ config: RunConfig) -> Int {
        let model = config.model
        return config.validation.streams
            * (model.layers * paddedWidth(model.hidden) + model.bytesPerBlockRow)
    }
}
