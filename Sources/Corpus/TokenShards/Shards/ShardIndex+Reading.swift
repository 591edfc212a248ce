import Diagnostics
import Storage

extension ShardIndex {
    /// The most bytes that are read of a file that claims to be an index; 200,000 shards take less.
    private static let maximumBytes = 1 << 26

    private static func notFound(in directory: String) throws(FileError) -> ShardError {
        let finding =
            switch try Files.kind(directory) {
            case .directory: "is not a directory of token shards: it has no \(fileName)"
            case .file, .other: "is not a directory of token shards, but a file"
            case nil: "there is no such directory of token shards"
            }
        return ShardError(
            directory, finding,
            remedy: "name one that tokenize made, or make it with: "
                + "tokenize TEXT --validation-fraction 0.05 --output \(directory.asShellWord)")
    }

    /// Whether a directory holds the index of a data set, sound or not.
    static func isHeld(by directory: String) throws(FileError) -> Bool {
        let path = Paths.join(directory, fileName)
        guard try Files.kind(path) == .file else { return false }
        var start = [UInt8](repeating: 0, count: 256)
        let count = try InputFile(path).read(into: &start, at: 0)
        return String(decoding: start[..<count], as: UTF8.self).contains("\"\(format)\"")
    }

    /// Reads and checks the index of a shard directory.
    ///
    /// Counts must agree with each other and names must be those that tokenize gives, so that no
    /// index can name a file outside its directory or a shard twice.
    /// - Throws: ``ShardError`` where the index is missing or wrong, or `FileError`.
    init(directory: String) throws {
        let path = Paths.join(directory, Self.fileName)
        guard try Files.kind(path) != nil else {
            throw try Self.notFound(in: directory)
        }
        guard try Files.kind(path) != .other else {
            throw ShardError(path, "is a pipe or a device")
        }
        let bytes = try Files.read(path, atMost: Self.maximumBytes)
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONValue(bytes)
        } catch {
            throw ShardError(path, "is not valid JSON (\(error))")
        }
        let reader = IndexReader(path: path)
        let version = try reader.checkFormat(root)
        let splits = try reader.member(root, "splits", of: "the index")
        train = try reader.part(splits, .train)
        validation = try reader.part(splits, .validation)
        // The seal is checked last, so that an index that was changed on purpose is told what is wrong with it.
        guard version < Self.firstSealedVersion || Self.seal.isSealed(bytes) else {
            throw ShardError(path, "does not match its checksum")
        }
        guard train.tokens > 0 else { throw ShardError(path, "holds no training tokens") }
    }
}

/// Picks the typed values out of the JSON of an index.
private struct IndexReader {
    let path: String

    /// Checks the format's name and version.
    /// - Returns: The version.
    func checkFormat(_ root: JSONValue) throws(ShardError) -> Int {
        guard root["format"]?.string == ShardIndex.format else {
            throw ShardError(
                path, "is not the index of a shard directory (no format '\(ShardIndex.format)')")
        }
        let version = try integer(root, "version", in: 0...Int.max, of: "the index")
        guard (1...ShardIndex.version).contains(version) else {
            throw ShardError(
                path,
                "has format version \(version), and this program reads up to \(ShardIndex.version)",
                remedy: "use the program that made it, or make the shards again with tokenize")
        }
        let tokenizer = try string(root, "tokenizer", of: "the index")
        guard tokenizer == ByteTokenizer.name else {
            throw ShardError(
                path, "was made with the tokenizer '\(tokenizer)', not '\(ByteTokenizer.name)'")
        }
        let vocabulary = ByteTokenizer.vocabulary
        _ = try integer(root, "vocabulary", in: vocabulary...vocabulary, of: "the index")
        return version
    }

    func part(_ splits: JSONValue, _ split: Split) throws(ShardError) -> ShardIndex.Part {
        let place = "split '\(split.rawValue)'"
        let part = try member(splits, split.rawValue, of: "'splits'")
        guard let list = try member(part, "shards", of: place).array else {
            throw ShardError(path, "'shards' of \(place) is not a list")
        }
        guard list.count <= ShardLayout.maximumShards else {
            throw ShardError(path, "\(place) has \(list.count) shards, more than allowed")
        }
        var shards: [ShardIndex.Shard] = []
        var sum = 0
        for (number, value) in list.enumerated() {
            let shard = try self.shard(value, name: split.shardName(number))
            shards.append(shard)
            sum += shard.tokens  // at most 100,000 shards of 2^44 tokens: below 2^61
        }
        _ = try integer(part, "tokens", in: sum...sum, of: place)
        // The first token of a split is a separator, so that one with tokens has a document.
        let documents = try integer(part, "documents", in: min(1, sum)...sum, of: place)
        return ShardIndex.Part(tokens: sum, documents: documents, shards: shards)
    }

    private func shard(_ value: JSONValue, name: String) throws(ShardError) -> ShardIndex.Shard {
        let place = "shard '\(name)'"
        let found = try string(value, "name", of: place)
        guard found == name else {
            throw ShardError(path, "lists the shard '\(found)' where '\(name)' belongs")
        }
        let digits = try string(value, "hash", of: place)
        guard let hash = UInt64(digits, radix: 16), XXH64.hex(hash) == digits
        else {
            throw ShardError(path, "the hash of \(place) is not 16 lower-case hex digits")
        }
        return ShardIndex.Shard(
            name: name,
            tokens: try integer(value, "tokens", in: ShardLayout.shardTokensRange, of: place),
            bytes: try integer(value, "bytes", in: 1...Int.max, of: place),
            hash: hash,
            frameTokens: try integer(
                value, "frameTokens", in: ShardLayout.frameTokensRange, of: place))
    }

    func member(
        _ value: JSONValue, _ key: String, of place: String
    ) throws(ShardError) -> JSONValue {
        guard let member = value[key] else { throw ShardError(path, "\(place) has no '\(key)'") }
        return member
    }

    private func string(
        _ value: JSONValue, _ key: String, of place: String
    ) throws(ShardError) -> String {
        guard let text = try member(value, key, of: place).string else {
            throw ShardError(path, "'\(key)' of \(place) is not a string")
        }
        return text
    }

    private func integer(
        _ value: JSONValue, _ key: String, in range: ClosedRange<Int>, of place: String
    ) throws(ShardError) -> Int {
        guard let number = try member(value, key, of: place).integer else {
            throw ShardError(path, "'\(key)' of \(place) is not an integer")
        }
        guard range.contains(number) else {
            let expected =
                range.lowerBound == range.upperBound
                ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            throw ShardError(path, "'\(key)' of \(place) is \(number), expected \(expected)")
        }
        return number
    }
}
