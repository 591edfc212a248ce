/// What the contexts of a stream need to know of the text before its next token: 24 bytes.
///
/// A separator clears it, so that a document never sees the one before.
public struct ContextHistory: Equatable, Sendable, BitwiseCopyable {
    /// The last eight bytes, the newest lowest; 0 where the document had not begun.
    private var bytes: UInt64 = 0
    /// A hash of the letters since the last byte that is none; 0 where there are none.
    private var word: UInt64 = 0
    /// ``word`` as it was at the end of the word before; 0 without one.
    private var wordBefore: UInt64 = 0

    /// Stands, with the last byte, for a word of no letters.
    private static let noLetters: UInt64 = 256
    /// Odd multipliers with bits in no pattern, of splitmix64 and of the golden ratio.
    private static let first: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let second: UInt64 = 0xBF58_476D_1CE4_E5B9
    private static let ofPair: UInt64 = 0xD6E8_FEB8_6659_FD93

    /// The history before the first token of a document.
    public init() {}

    /// Reads the next token, a byte.
    public mutating func read(_ token: UInt8) {
        guard token != ModelConfig.separator else {
            self = ContextHistory()
            return
        }
        let wasInWord = isInWord
        bytes = bytes << 8 | UInt64(token)
        if isInWord {
            let product = (word &+ UInt64(token | Self.caseBit) &+ 1) &* Self.first
            word = product ^ product >> 32
        } else if wasInWord {
            (wordBefore, word) = (word, 0)
        }
    }

    private var lastByte: UInt8 { UInt8(truncatingIfNeeded: bytes) }

    /// The bit of an ASCII letter that tells its cases apart.
    private static let caseBit: UInt8 = 0x20

    /// Whether the last byte is a letter of ASCII, or a part of a character beyond it.
    private var isInWord: Bool {
        lastByte >= 0x80
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lastByte | Self.caseBit)
    }

    /// The hash of a context, by which a table finds its row.
    public func hash(_ kind: ContextKind) -> UInt32 {
        var hash = (content(kind) &+ kind.salt << 56) &* Self.first
        hash ^= hash >> 29
        hash = hash &* Self.second
        return UInt32(truncatingIfNeeded: hash >> 32)
    }

    private func content(_ kind: ContextKind) -> UInt64 {
        switch kind {
        case .bytes(let count): bytes & (1 << UInt64(8 * count) - 1)
        case .word: wordContent
        case .wordPair: wordContent &+ wordBefore &* Self.ofPair
        }
    }

    private var wordContent: UInt64 {
        isInWord ? word : Self.noLetters + UInt64(lastByte)
    }

    // MARK: State

    /// The numbers of 32 bits that a history is written as.
    public static let halfCount = 6

    /// The history as ``halfCount`` numbers, for a checkpoint: the lower half of each word comes first.
    public var halves: [Int32] {
        [bytes, word, wordBefore].flatMap {
            [Int32(truncatingIfNeeded: $0), Int32(truncatingIfNeeded: $0 >> 32)]
        }
    }

    /// Restores a history that ``halves`` gave. Any numbers are a history.
    /// - Precondition: There are ``halfCount`` of them.
    public init(halves: ArraySlice<Int32>) {
        let halves = halves.map { UInt64(UInt32(bitPattern: $0)) }
        bytes = halves[0] | halves[1] << 32
        word = halves[2] | halves[3] << 32
        wordBefore = halves[4] | halves[5] << 32
    }
}
