import Storage
import TestSupport
import Testing

@testable import TokenShards

@Suite("The index")
struct IndexTests {
    @Test(
        "is refused when it was tampered with",
        arguments: [
            (#""format":"egg-token-shards""#, #""format":"other""#, "format"),
            (#""version":2"#, #""version":3"#, "version 3"),
            (#""version":2"#, #""version":1.5"#, "not an integer"),
            (#""tokenizer":"bytes""#, #""tokenizer":"bpe""#, "bpe"),
            (#""vocabulary":256"#, #""vocabulary":257"#, "257"),
            (#""tokens":1201,"#, #""tokens":1202,"#, "1202"),
            (#""tokens":1201,"#, #""tokens":-1,"#, "-1"),
            (#""tokens":1000,"#, #""tokens":1001,"#, "1201"),
            (#""tokens":1000,"#, #""tokens":99999999999999999999,"#, "not an integer"),
            (#""tokens":1000,"#, #""tokens":0,"#, "expected 1"),
            (#""documents":1,"#, #""documents":1202,"#, "1202"),
            (#""documents":1,"#, "", "documents"),
            (#""frameTokens":100}"#, #""frameTokens":0}"#, "frameTokens"),
            (#""frameTokens":100}"#, #""frameTokens":99}"#, "frames"),
            (#""frameTokens":100}"#, #""frameTokens":16777217}"#, "16777217"),
            (#""train-00000.tokens.zst""#, #""../x.tokens.zst""#, "../x"),
            (#""train-00000.tokens.zst""#, #""train-00001.tokens.zst""#, "belongs"),
            (#""hash":""#, #""hash":"0"#, "hash"),
            (#""hash":""#, #""hash":"+"#, "hash"),
            (#""bytes":"#, #""bytes":1"#, "bytes"),
            (#""splits""#, #""parts""#, "splits"),
            (#"{"checksum""#, #"{"format":"a","checksum""#, "JSON"),
            (#"{"checksum""#, #"{"check""#, "checksum"),
            (#""documents":1,"#, #""documents":2,"#, "checksum"),
            (#"}}}"#, "}}", "JSON"),
        ])
    func tampered(old: String, new: String, finding: String) throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(1200)], in: directory)
        try replace(old, with: new, inIndexOf: path, resealed: finding != "checksum")
        let error = #expect(throws: ShardError.self) { try ShardSet(directory: path) }
        #expect(error?.description.contains(finding) == true, "\(String(describing: error))")
    }

    @Test(
        "with another count of documents or another hash is refused by verify()",
        arguments: [(#""documents":1,"#, #""documents":2,"#), (#""hash":""#, nil)])
    func verify(old: String, new: String?) throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(1200)], in: directory)
        let hash = try ShardSet(directory: path).index.train.shards[0].hash
        if let new {
            try replace(old, with: new, inIndexOf: path, resealed: true)
        } else {
            let text = XXH64.hex
            try replace(text(hash), with: text(hash ^ 1), inIndexOf: path, resealed: true)
        }
        let shards = try ShardSet(directory: path)
        #expect(throws: ShardError.self) { try shards.verify() }
    }

    @Test("is refused for every flipped bit")
    func everyBit() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(120)], in: directory)
        let index = Paths.join("shards", ShardIndex.fileName)
        let bytes = try readFile(directory.file(index))
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            try directory.overwrite(index, damaged)
            #expect(throws: ShardError.self, "bit \(bit)") { try ShardSet(directory: path) }
        }
        try directory.overwrite(index, bytes)
        _ = try ShardSet(directory: path)
    }

    @Test("of version 1, which has no checksum, is read")
    func firstVersion() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(1200)], in: directory)
        let text = String(
            decoding: try readFile(Paths.join(path, ShardIndex.fileName)), as: UTF8.self)
        let old = text.replacing(/"checksum":"[0-9a-f]+",/, with: "")
            .replacing(#""version":2"#, with: #""version":1"#)
        try directory.overwrite("shards/index.json", Array(old.utf8))
        #expect(try readAll(path).count == 1201)
    }

    @Test("that is cut off at any byte is refused")
    func cutOff() throws {
        let directory = try TemporaryDirectory()
        let path = try makeShards([sampleText(120)], in: directory)
        let index = Paths.join(path, ShardIndex.fileName)
        let bytes = try readFile(index)
        for count in 0..<(bytes.count - 1) {
            try Files.remove(index)
            try OutputFile(appendingTo: index).write(Array(bytes[..<count]))
            #expect(throws: ShardError.self) { try ShardSet(directory: path) }
        }
    }

    @Test("that is missing says what the directory should be")
    func missing() throws {
        let directory = try TemporaryDirectory()
        for path in [directory.path, directory.file("nothing")] {
            let error = #expect(throws: ShardError.self) { try ShardSet(directory: path) }
            #expect(error?.description.contains("tokenize") == true)
        }
    }

    /// Makes the checksum right again.
    private static func reseal(_ bytes: inout [UInt8]) {
        let opening = #"{"checksum":""#.utf8
        guard bytes.starts(with: opening) else { return }
        let digits = opening.count
        bytes.replaceSubrange(digits..<digits + 16, with: TextSeal.blank.utf8)
        ShardIndex.seal.seal(&bytes)
    }

    /// Changes the first place in `index.json` that holds `old`.
    private func replace(
        _ old: String, with new: String, inIndexOf path: String, resealed: Bool = false
    ) throws {
        let index = Paths.join(path, ShardIndex.fileName)
        let text = String(decoding: try readFile(index), as: UTF8.self)
        try #require(text.contains(old))
        let changed = text.replacing(old, with: new, maxReplacements: 1)
        var bytes = Array(changed.utf8)
        if resealed { Self.reseal(&bytes) }
        try AtomicFile.write(bytes, to: index)
    }
}
