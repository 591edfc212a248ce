import RecurrentLM
import Testing

/// The kinds of contexts, their names, and the models that have them.
@Suite struct ContextKindTests {
    @Test func everyKindIsReadByItsName() {
        for kind in ContextKind.all { #expect(ContextKind(name: kind.name) == kind) }
        #expect(
            ContextKind.all.map(\.name) == ["1", "2", "3", "4", "5", "6", "7", "word", "word-pair"])
    }

    @Test(arguments: [
        "", "0", "8", "-1", "+3", "03", "3.0", " 3", "٣", "Word", "words", "wordpair", "word pair",
        "99999999999999999999",
    ])
    func otherNamesAreNone(_ name: String) {
        #expect(ContextKind(name: name) == nil)
        #expect([ContextKind](list: "2, \(name)") == nil || name == " 3")
    }

    @Test(arguments: ["wo rd", "word- pair", "1 2", "2, wo rd", "2 3, word", "word\t"])
    func aNameHasNoSpacesInIt(_ list: String) { #expect([ContextKind](list: list) == nil) }

    @Test func aListIsReadAsItIsWritten() {
        #expect([ContextKind](list: ContextKind.all.list) == ContextKind.all)
        #expect(ContextKind.all.list == "1, 2, 3, 4, 5, 6, 7, word, word-pair")
        #expect([ContextKind](list: "3") == [.bytes(3)])
        #expect([ContextKind](list: "word,2") == [.word, .bytes(2)])
        #expect([ContextKind](list: "  word ,  2 ") == [.word, .bytes(2)])
    }

    @Test(arguments: ["", " ", ",", "2,", ",2", "2,,3", "2, ,3", "2;3", "[2]"])
    func aListWithAGapIsNone(_ list: String) { #expect([ContextKind](list: list) == nil) }

    // MARK: Models

    private func error(_ contexts: [ContextKind], rows: Int, direct: Bool = false) -> ModelError? {
        let config = ModelConfig(
            hidden: 8, layers: 1, mlpWidth: 0, contexts: contexts, contextRows: rows, direct: direct
        )
        do throws(ModelError) {
            try config.validate()
            return nil
        } catch {
            return error
        }
    }

    @Test func tablesOfEverySizeAreValid() {
        for bits in 8...26 { #expect(error(ContextKind.all, rows: 1 << bits) == nil) }
        #expect(error([], rows: 0) == nil)
    }

    @Test(arguments: [0, 1, 128, 255, 257, 384, 1 << 27, -256, .max, .min])
    func otherSizesOfATableAreRefused(_ rows: Int) {
        #expect(error([.word], rows: rows)?.location == "model.contextRows")
    }

    /// The remedy has the powers of two around it.
    @Test func theRemedyNamesPowersOfTwo() {
        #expect(error([.word], rows: 1000)?.remedy == "use 512 or 1024")
    }

    @Test func rowsWithoutContextsAreRefused() {
        #expect(error([], rows: 256)?.location == "model.contexts")
        #expect(error([], rows: 0, direct: true)?.location == "model.contexts")
    }

    @Test func contextsAreNamedOnceAndNotTooOften() {
        #expect(error([.word, .bytes(2), .word], rows: 256)?.location == "model.contexts")
        let many = [ContextKind](repeating: .word, count: ModelConfig.mostContexts + 1)
        #expect(error(many, rows: 256)?.location == "model.contexts")
    }

    @Test func aModelWithoutContextsHasNoTable() {
        let config = ModelConfig(hidden: 8, layers: 1, mlpWidth: 0)
        let parameters = Parameters(config: config, seed: 1)
        #expect(parameters.contexts == nil && parameters.direct == nil)
        #expect(config.contextBytes == 0)
    }

    @Test func aTableBeginsWithZeros() throws {
        let config = ModelConfig(
            vocabulary: 200, hidden: 65, layers: 1, mlpWidth: 0, contexts: [.word],
            contextRows: 256, direct: true)
        let parameters = Parameters(config: config, seed: 1)
        let (inputs, logits) = (try #require(parameters.contexts), try #require(parameters.direct))
        // Rows of input have at most 64 weights.
        #expect(inputs.rows == 256 && inputs.width == 64 && inputs.stride == 64)
        #expect(logits.rows == 128 && logits.width == 200 && logits.stride == 256)
        #expect(config.contextBytes == 256 * 65 + 128 * 257)
        for table in [inputs, logits] {
            #expect((0..<table.rows).allSatisfy { table.weights(row: $0).allSatisfy { $0 == 0 } })
        }
    }

    @Test func directConnectionsHaveATableOfTheirOwn() {
        let config = ModelConfig(
            hidden: 8, layers: 1, mlpWidth: 0, contexts: [.word], contextRows: 256)
        #expect(Parameters(config: config, seed: 1).direct == nil)
        #expect(error([.word], rows: 256, direct: true) == nil)
    }
}
