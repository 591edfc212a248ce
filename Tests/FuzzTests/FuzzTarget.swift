import Diagnostics
import EvolutionStrategy
import IntegerTensor
import RecurrentLM
import StoryGrammar

@testable import Checkpoints
@testable import Journal
@testable import Pretraining
@testable import Storage
@testable import TokenShards

/// The readers of bytes that may come from anywhere. Each takes any bytes and either reads them or throws a
/// `UserError`; everything else is a finding.
///
/// Compiled into the tests, which run the kept inputs, and into the fuzzer of Scripts/fuzz.
enum FuzzTarget: String, CaseIterable, Sendable {
    case safetensors, shard, index, journal, config, text, records, grammar

    /// Reads `bytes`, by files in a directory where their path matters.
    /// - Throws: what the reader throws.
    func read(_ bytes: [UInt8], in directory: String) throws {
        switch self {
        case .safetensors: try Self.readSafetensors(bytes, directory)
        case .shard: try Self.readShard(bytes, directory)
        case .index:
            _ = try Self.write(bytes, directory, ShardIndex.fileName)
            _ = try ShardIndex(directory: directory)
        case .journal: try Self.readJournal(bytes, directory)
        case .config: _ = try RunConfig(file: try Self.write(bytes, directory, "run.yaml"))
        case .text: try Self.readText(bytes, directory)
        case .records: try Self.readRecords(bytes)
        case .grammar: try Self.tell(bytes)
        }
    }

    private static func write(
        _ bytes: [UInt8], _ directory: String, _ name: String
    ) throws -> String {
        let path = Paths.join(directory, name)
        let file = try OutputFile(appendingTo: path)
        try file.cut(to: 0)
        try file.write(bytes)
        return path
    }

    /// Any file; where it is sound, also as a model and as a training state, with checksums.
    private static func readSafetensors(_ bytes: [UInt8], _ directory: String) throws {
        let path = try write(bytes, directory, "a.safetensors")
        let file = try SafetensorsFile.read(path, atMost: 1 << 24)
        var sealed: [UInt8] = []
        try file.write(path) { sealed += $0 }
        _ = try write(sealed, directory, "a.safetensors")
        let again = try SafetensorsFile.read(path, atMost: 1 << 24)
        guard again.hasVerifiedPayload, again.tensors == file.tensors else {
            throw Finding("what was read and written again differs")
        }
        if file.metadata["format"] == "swift-egg-training" {
            return try readState(path, file.metadata, directory)
        }
        // What a file of another tool does not say is given, so that its weights are reached.
        let functions =
            file.metadata["gate"] == nil
            ? ModelFunctions(gate: .identity, mlp: .identity)
            : ModelFunctions()
        _ = try ModelCheckpoint.read(path, functions: functions)
    }

    /// The state of a run whose config is the one that the state names.
    private static func readState(
        _ path: String, _ metadata: SafetensorsMetadata, _ directory: String
    ) throws {
        let prefix = "config."
        let settings = metadata.entries.filter { $0.key.hasPrefix(prefix) }.map {
            "\($0.key.dropFirst(prefix.count))=\($0.value)"
        }
        let shards = Array("data: {shards: shards}".utf8)
        let config = try RunConfig(
            file: try write(shards, directory, "run.yaml"), overrides: settings)
        let state = try TrainingState.read(
            path, config: config, dataIdentity: metadata["data"] ?? "")
        let parameters = Parameters(config: config.model, seed: 1)
        let rule = ContextRule(
            parameters, rate: NodePerturbation.rowRate, kernel: .best, pool: WorkerPool(threads: 1))
        try state.restore(rule?.state ?? [], from: path)
    }

    /// Two bytes each for tokens and tokens of a frame, then a shard whose size and hash the index states truly.
    private static func readShard(_ bytes: [UInt8], _ directory: String) throws {
        guard bytes.count > 4 else { return }
        func number(_ place: Int) -> Int {
            max(1, Int(bytes[place]) << 8 | Int(bytes[place + 1]))
        }
        let shard = Array(bytes[4...])
        let path = try write(shard, directory, "train-00000.tokens.zst")
        let entry = ShardIndex.Shard(
            name: "train-00000.tokens.zst", tokens: number(0), bytes: shard.count,
            hash: XXH64.hash(shard), frameTokens: number(2))
        var tokens = 0
        try ShardFile(entry, path: path).forEachFrame { tokens += $0.count }
        guard tokens == entry.tokens else { throw Finding("\(tokens) tokens") }
    }

    /// The bytes as they are, and with right checksums, so that what comes behind them is reached.
    private static func readJournal(_ bytes: [UInt8], _ directory: String) throws {
        do {
            try readRecords(try write(bytes, directory, "journal.egg"))
        } catch is JournalError {
            try readRecords(try write(sealed(bytes), directory, "journal.egg"))
        }
    }

    private static func readRecords(_ path: String) throws {
        var reader = try JournalReader(path)
        while let record = try reader.next() {
            guard record.encoded(chain: 0).count < 1 << 24 else { throw Finding("a large record") }
        }
    }

    private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= JournalHeader.byteCount else { return bytes }
        var result = bytes
        func put(_ word: UInt64, at place: Int) {
            for i in 0..<8 { result[place + i] = UInt8(truncatingIfNeeded: word >> UInt64(8 * i)) }
        }
        var place = JournalHeader.byteCount
        var chain = XXH64.hash(Array(bytes[..<(place - 8)]))
        put(chain, at: place - 8)
        let content = VoteOrigin(code: bytes.word32(at: 12), directions: bytes.word64(at: 16))
        guard let content else { return result }
        while place + JournalRecord.prefixBytes <= bytes.count {
            let prefix = Array(bytes[place..<place + JournalRecord.prefixBytes])
            guard let size = JournalRecord.byteCount(prefix: prefix, content),
                place + size <= bytes.count
            else { break }
            var hash = XXH64(seed: chain)
            hash.update(Array(result[place..<place + size - 8]))
            chain = hash.digest()
            place += size
            put(chain, at: place - 8)
        }
        return result
    }

    /// As it is, and before that in an encoding that follows from the size, which may be any but the right one.
    private static func readText(_ bytes: [UInt8], _ directory: String) throws {
        let path = try write(bytes, directory, "text")
        let encoding = TextEncoding.allCases[bytes.count % TextEncoding.allCases.count]
        do {
            try readText(path, encoding)
        } catch is any UserError {}
        try readText(path, .auto)
    }

    private static func readText(_ path: String, _ encoding: TextEncoding) throws {
        let text = try TextInput(try InputFile(path), encoding: encoding)
        var buffer = [UInt8](repeating: 0, count: 1 << 12)
        for _ in 0..<256 {
            guard try buffer.withUnsafeMutableBytes({ try text.read(into: $0) }) > 0 else { return }
        }
    }

    /// Each line gives the text that the reader of whole values finds in it, or is refused where that refuses it.
    private static func readRecords(_ bytes: [UInt8]) throws {
        var (given, part) = (0, 0)
        let records = JSONLines(field: ["text"]) { buffer in
            part = part % 7 + 1
            let count = min(part, buffer.count, bytes.count - given)
            buffer.copyBytes(from: bytes[given..<given + count])
            given += count
            return count
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let unmarked = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        let lines = unmarked.split(separator: UInt8(ascii: "\n"))
        var firstError: RecordError?
        for line in lines where line.contains(where: { !(0x20 == $0 || 9 == $0 || 13 == $0) }) {
            let expected = (try? JSONValue(Array(line)))?["text"]?.string
            var text: [UInt8] = []
            do {
                guard try records.next({ text += $0 }) else { throw Finding("a line is missing") }
                guard let expected, text.elementsEqual(expected.utf8) else {
                    throw Finding("another text than that of the line")
                }
            } catch let error as JSONError {
                guard expected == nil else { throw Finding("a sound line is refused: \(error)") }
                firstError =
                    firstError ?? RecordError(error, path: "records", line: records.line)
            }
        }
        guard try !records.next({ _ in }) else { throw Finding("there are more lines") }
        if let firstError { throw firstError }
    }

    /// A grammar's first stories, as far as they go.
    private static func tell(_ bytes: [UInt8]) throws {
        var generator = StoryGenerator(grammar: try Grammar(bytes, path: "grammar"), seed: 1)
        var text: [UInt8] = []
        for story in 0..<UInt64(3) {
            let entropy = try generator.appendStory(story, to: &text)
            guard entropy >= 0, text.last == UInt8(ascii: "\n") else {
                throw Finding("a story with \(entropy) of entropy, without an end")
            }
        }
    }

    /// What no reader may do.
    struct Finding: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
