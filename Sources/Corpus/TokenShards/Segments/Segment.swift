/// The tokens that all streams take next.
public struct Segment: Sendable, Equatable {
    /// The tokens [streams][length + 1], row-major. Columns 0 to `length - 1` are inputs; each is the target of
    /// the one before it, and the last column is the target of the last input.
    public let tokens: [UInt8]
    /// The number of streams.
    public let streams: Int
    /// The inputs of each stream.
    public let length: Int
    /// The place of the first column within each stream.
    public let position: Int

    /// Makes a segment.
    /// - Precondition: `tokens` holds streams · (length + 1) tokens.
    public init(tokens: [UInt8], streams: Int, length: Int, position: Int) {
        self.tokens = tokens
        self.streams = streams
        self.length = length
        self.position = position
    }

    /// Whether the streams begin anew here, so that recurrent states must be reset.
    public var startsOver: Bool { position == 0 }
}
