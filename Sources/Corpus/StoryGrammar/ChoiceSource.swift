import SeededNoise

/// The draws of one story: words of Philox4x32-10, keyed by the seed and counted from 0.
///
/// Word w of story i is word w mod 4 of block w / 4 of the key of domain `story` with the low half
/// of i as its index and the high half as its epoch.
struct ChoiceSource {
    private let key: NoiseKey
    private var nextBlock: UInt32 = 0
    private var words = SIMD4<UInt32>()
    private var used = 4

    init(seed: UInt64, story: UInt64) {
        key = NoiseKey(
            seed: seed, domain: .story, index: UInt32(truncatingIfNeeded: story),
            epoch: UInt32(truncatingIfNeeded: story >> 32))
    }

    private mutating func nextWord() -> UInt32 {
        if used == 4 {
            words = key.words(block: nextBlock)
            nextBlock &+= 1
            used = 0
        }
        let word = words[used]
        used += 1
        return word
    }

    /// A number of 0..<count, each exactly as likely as the others.
    ///
    /// The high word of word × count is the number. The low word tells how far the product lies
    /// into the number's interval; the first 2^32 mod count places of each are refused, which
    /// leaves every number equally many words.
    /// - Precondition: `count > 0`.
    mutating func next(below count: Int) -> Int {
        let bound = UInt32(count)
        var product = nextWord().multipliedFullWidth(by: bound)
        if product.low < bound {
            let refused = (0 &- bound) % bound
            while product.low < refused { product = nextWord().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }
}
