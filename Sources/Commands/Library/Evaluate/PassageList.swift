import Diagnostics
import FixedPoint
import Storage

/// The passages of a text that a model predicts worst and best, by the paper's integer tables.
final class PassageList {
    /// The bytes of a passage. What is left at the end of a text is none, unless it is all that there is.
    static let length = 80
    /// How many of each kind may be asked for.
    static let countRange = 1...1000

    /// A part of the text.
    struct Passage {
        /// The bytes of the text before it.
        let offset: Int
        /// Its bytes.
        let bytes: [UInt8]
        /// The sum of their log-likelihoods, in 1/16 bit.
        let logLikelihood: Int64

        var bitsPerByte: String {
            DecimalText.format(-logLikelihood, over: 16 * Int64(bytes.count), decimals: 2)
        }

        var json: JSONValue {
            .object([
                .init("byte", .integer(offset)), .init("bitsPerByte", .number(bitsPerByte)),
                .init("text", .string(String(decoding: bytes, as: UTF8.self))),
            ])
        }
    }

    /// The passages with the lowest likelihood, the lowest first.
    private(set) var worst: [Passage] = []
    /// Those with the highest, the highest first.
    private(set) var best: [Passage] = []
    private let worstCount, bestCount: Int
    private var offset = 0
    private var bytes: [UInt8] = []
    private var logLikelihood: Int64 = 0

    /// Begins without passages.
    init(worst: Int, best: Int) {
        (worstCount, bestCount) = (worst, best)
    }

    /// Takes the next byte of the text.
    func append(_ byte: UInt8, logLikelihood: Int32) {
        bytes.append(byte)
        self.logLikelihood += Int64(logLikelihood)
        if bytes.count == Self.length { finishPassage() }
    }

    /// Ends the text.
    func finish() {
        if offset == 0, !bytes.isEmpty { finishPassage() }
    }

    private func finishPassage() {
        let passage = Passage(offset: offset, bytes: bytes, logLikelihood: logLikelihood)
        Self.insert(passage, into: &worst, atMost: worstCount) {
            $0.logLikelihood < $1.logLikelihood
        }
        Self.insert(passage, into: &best, atMost: bestCount) {
            $0.logLikelihood > $1.logLikelihood
        }
        offset += bytes.count
        bytes.removeAll(keepingCapacity: true)
        logLikelihood = 0
    }

    /// Of equal ones the earlier comes first.
    private static func insert(
        _ passage: Passage, into list: inout [Passage], atMost count: Int,
        before isBefore: (Passage, Passage) -> Bool
    ) {
        let place = list.firstIndex { isBefore(passage, $0) } ?? list.count
        guard place < count else { return }
        list.insert(passage, at: place)
        if list.count > count { list.removeLast() }
    }

    // MARK: Output

    private var kinds: [(name: String, passages: [Passage])] {
        [("worst", worst), ("best", best)].filter { !$0.passages.isEmpty }
    }

    /// A table of each kind below an empty line; empty without passages.
    var lines: String {
        kinds.map { name, passages in
            let rows = passages.map { passage in
                [
                    passage.bitsPerByte, "\(passage.offset)",
                    String(decoding: passage.bytes, as: UTF8.self).asPlainLine,
                ]
            }
            return "\n\n\(name) passages of \(Self.length) bytes\n"
                + AlignedRows.text([["bits/byte", "at byte", "text"]] + rows, names: 2)
        }.joined()
    }

    /// `worst` and `best` as JSON, where there are any.
    var members: [JSONValue.Member] {
        kinds.map { .init($0.name, .array($0.passages.map(\.json))) }
    }
}
