import IntegerTensor
import RecurrentLM
import Testing

/// What contexts know of a text, and their hashes.
@Suite struct ContextHistoryTests {
    /// The top bits of hashes after each byte of ``text``, as computed by a program in another language from the definition.
    struct Pinned: Sendable, CustomTestStringConvertible {
        let kind: ContextKind
        let in8Bits: [UInt32]
        let in21Bits: [UInt32]
        var testDescription: String { kind.name }
    }

    /// Upper case, bytes beyond ASCII, digits and a separator.
    private static let text = Array("Ah, ÉTÉ 42!\u{0}aH é".utf8)

    static let pinned: [Pinned] = [
        Pinned(
            kind: .bytes(1),
            in8Bits: [
                42, 62, 61, 164, 146, 97, 242, 146, 97, 164, 88, 190, 117, 199, 199, 154, 164,
                146, 134,
            ],
            in21Bits: [
                344575, 511252, 507193, 1_345_129, 1_200_816, 799361, 1_988_474, 1_200_816, 799361,
                1_345_129, 724374, 1_563_325, 959789, 1_638_086, 1_631_308, 1_267_198, 1_345_129,
                1_200_816,
                1_104_646,
            ]),
        Pinned(
            kind: .bytes(2),
            in8Bits: [
                78, 190, 48, 96, 202, 159, 59, 229, 159, 176, 200, 21, 18, 143, 118, 57, 116,
                202, 179,
            ],
            in21Bits: [
                642354, 1_559_526, 398119, 787418, 1_660_629, 1_308_761, 489467, 1_883_639,
                1_308_761,
                1_442_804, 1_640_706, 173572, 150366, 1_179_021, 967202, 475087, 955760, 1_660_629,
                1_473_460,
            ]),
        Pinned(
            kind: .bytes(3),
            in8Bits: [
                78, 151, 185, 119, 177, 212, 80, 114, 26, 141, 162, 14, 245, 87, 121, 200, 153,
                134, 86,
            ],
            in21Bits: [
                640113, 1_242_183, 1_517_289, 980561, 1_451_361, 1_737_106, 659532, 941168, 216374,
                1_157_788, 1_330_413, 117519, 2_010_189, 719956, 996621, 1_639_773, 1_257_621,
                1_101_378,
                710447,
            ]),
        Pinned(
            kind: .bytes(7),
            in8Bits: [
                109, 154, 141, 222, 106, 158, 183, 222, 71, 43, 181, 24, 35, 119, 140, 91, 200,
                56, 13,
            ],
            in21Bits: [
                901005, 1_266_373, 1_161_563, 1_824_523, 876109, 1_294_675, 1_502_024, 1_819_122,
                588503,
                355899, 1_483_884, 202811, 289789, 980847, 1_147_450, 750315, 1_645_151, 459870,
                114589,
            ]),
        Pinned(
            kind: .word,
            in8Bits: [
                21, 22, 50, 140, 41, 50, 227, 54, 113, 140, 122, 45, 244, 101, 21, 22, 140, 41,
                50,
            ],
            in21Bits: [
                177592, 187771, 416398, 1_154_685, 336765, 410719, 1_867_012, 447857, 929204,
                1_154_685, 1_002_232, 369206, 2_004_709, 833742, 177592, 187771, 1_154_685, 336765,
                410719,
            ]),
        Pinned(
            kind: .wordPair,
            in8Bits: [
                196, 176, 174, 114, 110, 67, 255, 235, 10, 181, 44, 44, 254, 113, 196, 176, 114,
                110, 67,
            ],
            in21Bits: [
                1_610_638, 1_447_436, 1_432_414, 938123, 906134, 555496, 2_096_390, 1_932_944,
                88592,
                1_486_368, 364207, 360460, 2_086_096, 926480, 1_610_638, 1_447_436, 938123, 906134,
                555496,
            ]),
    ]

    @Test(arguments: pinned) func hashesAreThoseOfTheDefinition(_ pinned: Pinned) {
        var history = ContextHistory()
        let tops = Self.text.map { byte in
            history.read(byte)
            return [8, 21].map { history.hash(pinned.kind) >> (32 - $0) }
        }
        #expect(tops.map { $0[0] } == pinned.in8Bits)
        #expect(tops.map { $0[1] } == pinned.in21Bits)
    }

    private func history(_ text: String) -> ContextHistory {
        var history = ContextHistory()
        for byte in text.utf8 { history.read(byte) }
        return history
    }

    /// Whether a context is the same after two texts.
    private func isSame(_ kind: ContextKind, _ first: String, _ second: String) -> Bool {
        history(first).hash(kind) == history(second).hash(kind)
    }

    @Test(arguments: ContextKind.byteRange) func bytesAreTheLastOnes(_ count: Int) {
        let end = String("abcdefgh".suffix(count))
        #expect(isSame(.bytes(count), "x" + end, "y" + end))
        #expect(!isSame(.bytes(count), "x" + end, "x" + end.dropFirst() + "i"))
        guard count > 1 else { return }
        #expect(!isSame(.bytes(count), "x" + end, "xx" + end.dropFirst()))
        // Before a document begins there is nothing, as if bytes of 0 stood there.
        #expect(isSame(.bytes(count), "a", "text\u{0}a"))
        #expect(!isSame(.bytes(count), "a", " a"))
    }

    @Test func aWordIsItsLettersWithoutCase() {
        #expect(isSame(.word, "a Word", "the wORD"))
        #expect(isSame(.word, "a 1word", "word"))
        #expect(isSame(.word, "Éa", "éA"))
        #expect(!isSame(.word, "a word", "a words"))
        #expect(!isSame(.word, "a word", "a drow"))
        #expect(!isSame(.word, "ab cd", "abcd"))
    }

    @Test func withoutLettersTheLastByteStandsForTheWord() {
        #expect(isSame(.word, "some words ", "12 "))
        #expect(!isSame(.word, "word ", "word,"))
        #expect(!isSame(.word, "word", "word "))
    }

    @Test func aPairKnowsTheWordBefore() {
        #expect(isSame(.wordPair, "the old fox", "The new, Old - FOX"))
        #expect(!isSame(.wordPair, "the old fox", "the red fox"))
        #expect(isSame(.wordPair, "the old fox ", "an old fox "))
        #expect(!isSame(.wordPair, "fox", "old fox"))
    }

    @Test func kindsDifferAfterTheSameText() {
        let kinds = ContextKind.byteRange.map(ContextKind.bytes) + [.word, .wordPair]
        for text in ["", "a", " ", "word", "two words"] {
            let hashes = kinds.map { history(text).hash($0) }
            #expect(Set(hashes).count == kinds.count, "'\(text)'")
        }
    }

    @Test func aSeparatorClearsTheHistory() {
        #expect(history("Some words, 12\u{0}") == ContextHistory())
        #expect(history("some\u{0}text here") == history("text here"))
    }

    @Test func halvesAreAHistory() {
        let history = history("Two words")
        let words: [UInt64] = [
            0x776F_2077_6F72_6473, 0xB5D7_0996_8953_216F, 0xC3D1_7A3D_C650_6917,
        ]
        let halves = words.flatMap { word in
            [word, word >> 32].map { Int32(truncatingIfNeeded: $0) }
        }
        #expect(history.halves == halves && halves.count == ContextHistory.halfCount)
        #expect(ContextHistory(halves: halves[...]) == history)
        #expect(ContextHistory(halves: ([7, 7] + halves)[2...]) == history)
        #expect(MemoryLayout<ContextHistory>.size == 24)
    }

    /// The histories of rows, as a checkpoint has them, continue where they were.
    @Test func historiesOfStatesAreRestored() throws {
        let config = ModelConfig(
            hidden: 5, layers: 2, mlpWidth: 0, contexts: [.bytes(2), .wordPair],
            contextRows: 1 << 20)
        let model = PreparedModel(
            Parameters(config: config, seed: 1), kernel: try .named("portable"))
        let forward = BlockForward(model: model, capacity: 3)
        func hashes(_ text: String, _ states: HiddenStates) -> [UInt32] {
            forward.begin(rows: 3, states: states, firstState: 0)
            for byte in text.utf8 { forward.step([byte, byte ^ 1, 0], stride: 1) }
            return (0..<6).map { forward.lastContextHashes[$0] }
        }
        let states = HiddenStates(rows: 3, config: config)
        _ = hashes("Éa few words", states)
        let values = states.historyValues(rows: 0..<3)
        #expect(values.count == 3 * HiddenStates.historyWidth(config))
        let other = HiddenStates(rows: 3, config: config)
        other.restoreHistories(values[...])
        #expect(other.historyValues(rows: 1..<3)[...] == values.dropFirst(values.count / 3))
        #expect(hashes(" on", other) == hashes(" on", states))
        other.reset()
        #expect(other.historyValues(rows: 0..<3).allSatisfy { $0 == 0 })
    }

    @Test func withoutContextsThereAreNoHistories() {
        let config = ModelConfig(hidden: 5, layers: 2, mlpWidth: 0)
        #expect(HiddenStates.historyWidth(config) == 0)
        #expect(HiddenStates(rows: 3, config: config).historyValues(rows: 0..<3).isEmpty)
    }
}
