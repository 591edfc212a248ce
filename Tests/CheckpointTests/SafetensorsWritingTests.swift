import Checkpoints
import Storage
import TestSupport
import Testing

@Suite struct SafetensorsWritingTests {
    static let sample = SafetensorsFile(
        tensors: [
            SafetensorsTensor(name: "emb", shape: [2, 3], int8: [1, -2, 3, -4, 5, -128]),
            SafetensorsTensor(name: "sum", shape: [2], int32: [-1, 1 << 30]),
        ],
        metadata: ["step": "12", "note": "a \"quoted\" word"])

    /// The bytes, and both checksums in them, were made by an independent Python program.
    @Test func writesTheGoldenBytes() throws {
        let header =
            #"{"__metadata__":{"header_xxh64":"6b9e6cea018c1772","#
            + #""payload_xxh64":"f393eb5129cf4e13","step":"12","note":"a \"quoted\" word"},"#
            + #""emb":{"dtype":"I8","shape":[2,3],"data_offsets":[0,6]},"#
            + #""sum":{"dtype":"I32","shape":[2],"data_offsets":[6,14]}}  "#
        let payload: [UInt8] = [
            0x01, 0xFE, 0x03, 0xFC, 0x05, 0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x40,
        ]
        let golden = [240, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + payload

        let directory = try TemporaryDirectory()
        let path = directory.file("model.safetensors")
        try Self.sample.write(to: path)
        #expect(try Files.read(path, atMost: 1 << 20) == golden)
        #expect(try Files.list(directory.path) == ["model.safetensors"])
    }

    @Test func readsWhatItWrote() throws {
        let directory = try TemporaryDirectory()
        try Self.sample.write(to: directory.file("a"))
        let file = try SafetensorsFile.read(directory.file("a"))
        #expect(file.hasVerifiedPayload)
        #expect(file.tensors == Self.sample.tensors)
        #expect(file.metadata == Self.sample.metadata)
        try file.write(to: directory.file("b"))
        #expect(
            try Files.read(directory.file("a"), atMost: 1000)
                == Files.read(directory.file("b"), atMost: 1000))
    }

    @Test(arguments: 0..<9) func padsTheHeaderToEightBytes(_ extra: Int) throws {
        let directory = try TemporaryDirectory()
        let file = SafetensorsFile(
            tensors: [], metadata: ["key": String(repeating: "x", count: extra)])
        try file.write(to: directory.file("a"))
        let bytes = try Files.read(directory.file("a"), atMost: 1000)
        #expect(bytes.count % 8 == 0)
        #expect(bytes.count == 8 + Int(bytes[0]))
    }

    @Test func convertsEveryTypeBothWays() throws {
        let shape = [2]
        let directory = try TemporaryDirectory()
        try SafetensorsFile(tensors: [
            SafetensorsTensor(name: "i8", shape: shape, int8: [.min, .max]),
            SafetensorsTensor(name: "u16", shape: shape, uint16: [1, .max]),
            SafetensorsTensor(name: "i64", shape: shape, int64: [.min, .max]),
            SafetensorsTensor(name: "u8", shape: shape, uint8: [0, .max]),
            SafetensorsTensor(name: "i16", shape: shape, int16: [.min, .max]),
            SafetensorsTensor(name: "u32", shape: shape, uint32: [1, .max]),
            SafetensorsTensor(name: "i32", shape: shape, int32: [.min, .max]),
            SafetensorsTensor(name: "u64", shape: shape, uint64: [1, .max]),
        ]).write(to: directory.file("a"))
        let file = try SafetensorsFile.read(directory.file("a"))
        #expect(try file["i8"]?.int8Values() == [.min, .max])
        #expect(try file["u8"]?.uint8Values() == [0, .max])
        #expect(try file["i16"]?.int16Values() == [.min, .max])
        #expect(try file["u16"]?.uint16Values() == [1, .max])
        #expect(try file["i32"]?.int32Values() == [.min, .max])
        #expect(try file["u32"]?.uint32Values() == [1, .max])
        #expect(try file["i64"]?.int64Values() == [.min, .max])
        #expect(try file["u64"]?.uint64Values() == [1, .max])
        #expect(file["u16"]?.bytes == [1, 0, 0xFF, 0xFF])
    }

    @Test func refusesAnotherType() {
        let tensor = SafetensorsTensor(name: "emb", shape: [1], int8: [1])
        let error = #expect(throws: SafetensorsError.self) { try tensor.int32Values() }
        #expect(
            error?.description
                == "tensor 'emb': has the type I8 where I32 is needed; use a file made for this purpose"
        )
    }

    @Test(arguments: [
        [SafetensorsTensor(name: "a", shape: [2], int8: [1])],
        [SafetensorsTensor(name: "a", shape: [-1], int8: [1])],
        [SafetensorsTensor(name: "a", shape: [.max, .max], int8: [1])],
        [SafetensorsTensor(name: "a", type: .int32, shape: [1], bytes: [1, 2, 3])],
        [SafetensorsTensor(name: "__metadata__", shape: [1], int8: [1])],
        [
            SafetensorsTensor(name: "a", shape: [1], int8: [1]),
            SafetensorsTensor(name: "a", shape: [1], int8: [2]),
        ],
    ])
    func refusesTensorsThatMakeNoFile(_ tensors: [SafetensorsTensor]) throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: SafetensorsError.self) {
            try SafetensorsFile(tensors: tensors).write(to: directory.file("a"))
        }
        #expect(error?.part == .tensor(tensors[0].name))
        #expect(try Files.list(directory.path).isEmpty)
    }

    @Test(arguments: ["header_xxh64", "payload_xxh64"])
    func refusesReservedMetadata(_ key: String) throws {
        let directory = try TemporaryDirectory()
        var file = SafetensorsFile(tensors: [])
        file.metadata[key] = "0"
        #expect(throws: SafetensorsError.self) { try file.write(to: directory.file("a")) }
    }

    @Test func keepsTheOldFileWhenWritingFails() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a")
        try Self.sample.write(to: path)
        let broken = SafetensorsFile(tensors: [
            SafetensorsTensor(name: "a", shape: [2], int8: [1])
        ])
        #expect(throws: SafetensorsError.self) { try broken.write(to: path) }
        #expect(try SafetensorsFile.read(path).tensors == Self.sample.tensors)
        #expect(throws: SafetensorsError.self) {
            try Self.sample.write(to: directory.file("missing/a"))
        }
    }

    @Test func metadataKeepsItsOrder() {
        var metadata: SafetensorsMetadata = ["b": "1", "a": "2"]
        metadata["c"] = "3"
        metadata["b"] = "4"
        #expect(metadata.entries.map(\.key) == ["b", "a", "c"])
        #expect(metadata["b"] == "4")
        metadata["a"] = nil
        metadata["x"] = nil
        #expect(metadata.entries.map(\.key) == ["b", "c"])
    }
}
