import RecurrentLM
import Storage
import TestSupport
import Testing

@testable import Checkpoints

/// The files of models with contexts.
@Suite struct ContextCheckpointTests {
    private static let contexts: [ContextKind] = [.bytes(2), .bytes(7), .word, .wordPair]

    static func config(
        hidden: Int = 8, rows: Int = 256, direct: Bool = false
    ) -> ModelConfig {
        ModelConfig(
            hidden: hidden, layers: 1, mlpWidth: 4, contexts: contexts, contextRows: rows,
            direct: direct)
    }

    /// A model whose rows hold values of both signs, and some only zeros.
    static func checkpoint(_ config: ModelConfig = config()) throws -> ModelCheckpoint {
        let parameters = Parameters(config: config, seed: 3)
        for table in [parameters.contexts, parameters.direct].compactMap({ $0 }) {
            for row in 0..<table.rows where row % 7 != 3 {
                table.give(row: row, to: UInt32(row))
                for i in 0..<table.width { table.row(row)[i] = value(row, i) }
            }
        }
        return ModelCheckpoint(parameters: parameters, tokenizer: "bytes", step: 12, seed: 5)
    }

    private static func value(_ row: Int, _ i: Int) -> Int8 {
        row % 7 == 3 ? 0 : Int8((row &* 7919 &+ i &* 31) % 255 - 127)
    }

    private let directory: TemporaryDirectory
    private var path: String { directory.file("model.safetensors") }

    init() throws { directory = try TemporaryDirectory() }

    // MARK: Round trips

    private static let block = CompressedBytes.blockBytes

    @Test(arguments: [
        (8, 256, false), (1, 256, false), (64, 512, false), (65, 256, false), (100, 1024, false),
        (8, 256, true), (65, 1024, true),
        // More than one block, and blocks that end within a row.
        (40, 1 << 17, false), (33, 1 << 18, false), (3, 1 << 15, true),
    ])
    func whatIsWrittenIsReadAgain(hidden: Int, rows: Int, direct: Bool) throws {
        let config = Self.config(hidden: hidden, rows: rows, direct: direct)
        try Self.checkpoint(config).write(to: path)
        let read = try ModelCheckpoint.read(path)
        #expect(read.parameters.config == config)
        try check(read.parameters.contexts, rows: rows, width: min(hidden, 64))
        #expect((read.parameters.direct != nil) == direct)
        if direct { try check(read.parameters.direct, rows: rows / 2, width: 256) }
        let bytes = try Files.read(path, atMost: 1 << 26)
        try read.write(to: path)
        #expect(try Files.read(path, atMost: 1 << 26) == bytes)
    }

    private func check(_ table: ContextTable?, rows: Int, width: Int) throws {
        let table = try #require(table)
        #expect(table.rows == rows && table.width == width)
        for row in stride(from: 0, to: rows, by: rows > 1024 ? 97 : 1) {
            let values = (0..<table.stride).map { table.row(row)[$0] }
            let expected = (0..<width).map { Self.value(row, $0) }
            #expect(values == expected + [Int8](repeating: 0, count: table.stride - width))
            #expect(table.tag(row: row) == (row % 7 == 3 ? 0 : max(1, UInt8(row % 256))))
        }
    }

    @Test(arguments: [false, true]) func rowsOfZerosTakeLittleRoom(_ direct: Bool) throws {
        let config = Self.config(rows: direct ? 1 << 16 : 1 << 20, direct: direct)
        let model = ModelCheckpoint(
            parameters: Parameters(config: config, seed: 3), tokenizer: "bytes", step: 0, seed: 0)
        try model.write(to: path)
        #expect(try Files.read(path, atMost: 1 << 26).count < 1 << 15)
        #expect(try ModelCheckpoint.read(path).parameters.config == config)
    }

    @Test func theMetadataNameTheContexts() throws {
        try Self.checkpoint().write(to: path)
        let file = try SafetensorsFile.read(path)
        #expect(file.metadata["contexts"] == "2, 7, word, word-pair")
        #expect(file.metadata["context_rows"] == "256" && file.metadata["context_hash"] == "2")
        #expect(file["contexts.tags"] != nil)
        #expect(file.metadata["direct"] == nil && file["direct"] == nil)
        try Self.checkpoint(Self.config(direct: true)).write(to: path)
        let direct = try SafetensorsFile.read(path)
        #expect(direct.metadata["direct"] == "true" && direct["direct.tags"] != nil)
        try TestModel.checkpoint.write(to: path)
        let plain = try SafetensorsFile.read(path)
        for key in ["contexts", "context_rows", "context_hash", "direct"] {
            #expect(plain.metadata[key] == nil)
        }
        #expect(plain["contexts"] == nil)
    }

    /// A file that another tool saved again keeps its contexts where it keeps the metadata.
    @Test(arguments: [false, true]) func aFileWithoutTheFormatHasItsContexts(_ direct: Bool) throws
    {
        let config = Self.config(direct: direct)
        try Self.checkpoint(config).write(to: path)
        var file = try SafetensorsFile.read(path)
        file.metadata["format"] = nil
        try file.write(to: path)
        let read = try ModelCheckpoint.read(path)
        #expect(read.parameters.config == config)
        #expect(read.parameters.contexts?.row(200)[3] == Self.value(200, 3))
        #expect(read.parameters.direct?.row(100)[99] == (direct ? Self.value(100, 99) : nil))
    }
}
