import CLibrary

/// Copies ranges of tokens out of the shards of a split, keeping the frame decoded last.
///
/// Ranges asked for in rising order cost one decoding for each frame they touch.
/// Memory: one frame, decoded and compressed.
final class TokenCursor {
    private struct FramePlace: Equatable {
        let shard: Int
        let frame: Int
    }

    private let sequence: ShardSequence
    private let decoder: FrameDecoder
    private var place: FramePlace?
    private var frame: [UInt8] = []
    private var scratch: [UInt8] = []

    init(_ sequence: ShardSequence) throws {
        self.sequence = sequence
        decoder = try FrameDecoder()
    }

    /// Fills `output` with the tokens from `position` on.
    /// - Precondition: The split holds them.
    func copy(from position: Int, into output: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < output.count, let base = output.baseAddress {
            let (shard, offset) = sequence.locate(position + done)
            let size = sequence.shards[shard].frameTokens
            try load(FramePlace(shard: shard, frame: offset / size))
            let skipped = offset % size
            let count = min(frame.count - skipped, output.count - done)
            frame.withUnsafeBytes { bytes in
                if let source = bytes.baseAddress { memcpy(base + done, source + skipped, count) }
            }
            done += count
        }
    }

    private func load(_ wanted: FramePlace) throws {
        if place == wanted { return }
        place = nil
        let shard = sequence.shards[wanted.shard]
        let count = shard.tokenCount(frame: wanted.frame)
        if frame.count != count { frame = [UInt8](repeating: 0, count: count) }
        try frame.withUnsafeMutableBytes { buffer in
            try shard.decode(frame: wanted.frame, with: decoder, scratch: &scratch, into: buffer)
        }
        place = wanted
    }
}
