import Storage
import TestSupport

@testable import TokenShards

/// Text without NUL bytes: words of a few letters in an order that looks random but is always the same.
func sampleText(_ count: Int) -> [UInt8] {
    let letters = Array("etaoin shrdlu\n".utf8)
    var state: UInt64 = 1
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return letters[Int(state >> 33) % letters.count]
    }
}

/// The tokens of one document.
func document(_ text: [UInt8]) -> [UInt8] { [0] + text }

/// Everything that a text gives, read `count` bytes at a time at most.
func readAll(_ text: TextInput, atMost count: Int) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    var result: [UInt8] = []
    while true {
        let added = try buffer.withUnsafeMutableBytes { try text.read(into: $0) }
        if added == 0 { return result }
        result += buffer[..<added]
    }
}

/// Makes a data set of files with these texts and returns its directory.
@discardableResult
func makeShards(
    _ texts: [[UInt8]], in directory: TemporaryDirectory, name: String = "shards",
    shardTokens: Int = 1000, frameTokens: Int = 100, validation: CorpusPlan.Validation = .none,
    replacing: Bool = false
) throws -> String {
    let inputs = try texts.enumerated().map { number, text in
        try directory.write("texts-\(name)/\(number).txt", text)
    }
    let layout = try ShardLayout(shardTokens: shardTokens, frameTokens: frameTokens, level: 3)
    return try tokenize(
        CorpusPlan(inputs: inputs, validation: validation, layout: layout),
        to: directory.file(name), replacing: replacing)
}

@discardableResult
func tokenize(_ plan: CorpusPlan, to output: String, replacing: Bool = false) throws -> String {
    var tokenizer = CorpusTokenizer(
        plan, into: try StagedDataset(output, replacing: replacing))
    _ = try tokenizer.run()
    return output
}

/// All tokens of a split.
func readAll(_ directory: String, _ split: Split = .train) throws -> [UInt8] {
    let shards = try ShardSet(directory: directory)
    var tokens = [UInt8](repeating: 0, count: shards.tokenCount(split))
    try tokens.withUnsafeMutableBytes { buffer in
        try shards.read(split, at: 0, count: buffer.count, into: buffer)
    }
    return tokens
}

func readFile(_ path: String) throws -> [UInt8] {
    try Files.read(path, atMost: 1 << 30)
}
