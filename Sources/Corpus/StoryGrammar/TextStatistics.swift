import FixedPoint

/// What a text is described with: its size, its true entropy and that of its bytes alone.
public struct TextStatistics: Sendable {
    /// The bytes of the text, the separators between stories among them.
    public private(set) var bytes = 0
    /// The number of stories.
    public private(set) var stories = 0
    /// How often each byte occurs. [256]
    private var counts = [Int](repeating: 0, count: 256)
    /// The sum of the stories' entropies in bits with 32 fraction bits. A long text outgrows 64 bits.
    private var choiceEntropy: Int128 = 0

    /// Begins with an empty text.
    public init() {}

    /// Counts a story whose choices had `entropy` bits (with 32 fraction bits).
    mutating func addStory(entropy: Int64) {
        stories += 1
        choiceEntropy += Int128(entropy)
    }

    /// Counts the bytes of a stretch of text.
    mutating func addText(_ text: [UInt8]) {
        bytes += text.count
        text.withUnsafeBufferPointer { text in
            counts.withUnsafeMutableBufferPointer { counts in
                for byte in text { counts[Int(byte)] &+= 1 }
            }
        }
    }

    /// −log2 of the probability of all choices, for each byte of the text, with 4 decimals.
    public var entropyBitsPerByte: String {
        Self.decimals(choiceEntropy, over: Int128(max(bytes, 1)))
    }

    /// The entropy of the byte frequencies, −Σ p log2 p, in bits for each byte, with 4 decimals.
    public var unigramBitsPerByte: String {
        Self.decimals(Int128(Entropy.bitsQ32(counts: counts)), over: 1)
    }

    /// A quotient of bits (with 32 fraction bits) and bytes.
    private static func decimals(_ bits: Int128, over bytes: Int128) -> String {
        DecimalText.format(Int64(bits / bytes), over: 1 << 32, decimals: 4)
    }
}
