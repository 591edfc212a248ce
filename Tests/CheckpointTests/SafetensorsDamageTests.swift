import Checkpoints
import Storage
import TestSupport
import Testing

/// Damaged and hostile files: each gives a typed error, none a trap or a wrong tensor.
@Suite struct SafetensorsDamageTests {
    private static func sampleBytes(_ directory: TemporaryDirectory) throws -> [UInt8] {
        try SafetensorsWritingTests.sample.write(to: directory.file("sample"))
        return try Files.read(directory.file("sample"), atMost: 1 << 20)
    }

    @Test func detectsEverySingleBitFlip() throws {
        let directory = try TemporaryDirectory()
        let bytes = try Self.sampleBytes(directory)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            let path = try directory.file("damaged", holding: damaged)
            #expect(throws: SafetensorsError.self, "bit \(bit)") { try SafetensorsFile.read(path) }
        }
    }

    @Test func detectsTruncationAtEveryByteAndBytesAdded() throws {
        let directory = try TemporaryDirectory()
        let bytes = try Self.sampleBytes(directory)
        for count in bytes.indices {
            let path = try directory.file("short", holding: Array(bytes[..<count]))
            let error = #expect(throws: SafetensorsError.self, "\(count) bytes") {
                try SafetensorsFile.read(path)
            }
            #expect(error?.path == path)
        }
        let longer = try directory.file("long", holding: bytes + [0])
        #expect(throws: SafetensorsError.self) { try SafetensorsFile.read(longer) }
    }

    /// Without checksums not every flip can be seen, but each must end in a tensor or a typed error.
    @Test func survivesEveryBitFlipOfAFileWithoutChecksums() throws {
        let header =
            #"{"__metadata__":{"k":"é"},"a":{"dtype":"I32","shape":[2,1],"data_offsets":[0,8]}}"#
        let bytes = safetensorsBytes(header: Array(header.utf8), payload: 8)
        let directory = try TemporaryDirectory()
        for bit in 0..<(bytes.count - 8) * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            let path = try directory.file("damaged", holding: damaged)
            do throws(SafetensorsError) {
                let file = try SafetensorsFile.read(path)
                #expect(file.tensors.map(\.bytes.count) == [8])
            } catch {
                #expect(error.path == path)
            }
        }
    }

    @Test func verificationCannotBeSwitchedOffByHalves() throws {
        let directory = try TemporaryDirectory()
        for key in ["header_xxh64", "payload_xxh64"] {
            let header = #"{"__metadata__":{"\#(key)":"ef46db3751d8e999"}}"#
            let path = try directory.file(
                key, holding: safetensorsBytes(header: Array(header.utf8), payload: 0))
            let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile.read(path) }
            #expect(error?.finding == "does not match its checksum")
        }
    }

    @Test(arguments: [
        UInt64(1), 100, 100_000_001, 1 << 62, 1 << 63, UInt64.max, UInt64.max - 7,
    ])
    func refusesAHeaderLengthBeyondTheFile(_ length: UInt64) throws {
        let directory = try TemporaryDirectory()
        let prefix = withUnsafeBytes(of: length.littleEndian) { Array($0) }
        let path = try directory.file("a", holding: prefix + Array("{}".utf8))
        let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile.read(path) }
        #expect(error?.part == .header)
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        let header: String
        /// What the error's description must contain.
        let says: String
        var payload = 8
        var testDescription: String { String(header.prefix(80)) }
    }

    @Test(arguments: hostileHeaders) func refusesHostileHeaders(_ hostile: Hostile) throws {
        let directory = try TemporaryDirectory()
        let bytes = safetensorsBytes(header: Array(hostile.header.utf8), payload: hostile.payload)
        let path = try directory.file("hostile", holding: bytes)
        let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile.read(path) }
        let text = try #require(error).description
        #expect(text.contains(hostile.says))
        #expect(text.hasPrefix(path))
        #expect(text.utf8.count < path.utf8.count + 300)
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test func refusesAHeaderThatIsNotUTF8() throws {
        let directory = try TemporaryDirectory()
        for junk: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] {
            let header = Array(#"{"__metadata__":{"k":""#.utf8) + junk + Array("\"}}".utf8)
            let path = try directory.file(
                "a", holding: safetensorsBytes(header: header, payload: 0))
            let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile.read(path) }
            #expect(error?.finding.contains("UTF-8") == true)
        }
    }
}

extension SafetensorsDamageTests {
    private static func tensor(
        dtype: String = "\"I8\"", shape: String = "[8]", offsets: String = "[0,8]", says: String
    ) -> Hostile {
        Hostile(
            header: #"{"a":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}}"#,
            says: says)
    }

    private static func two(_ first: String, _ second: String, says: String) -> Hostile {
        Hostile(
            header: """
                {"a":{"dtype":"I8","shape":[4],"data_offsets":\(first)},\
                "b":{"dtype":"I8","shape":[4],"data_offsets":\(second)}}
                """, says: says)
    }

    static let hostileHeaders: [Hostile] = [
        // Not the right kind of text.
        Hostile(header: "", says: "does not begin with '{'"),
        Hostile(header: " {}", says: "does not begin with '{'"),
        Hostile(header: "[]", says: "does not begin with '{'"),
        Hostile(header: "{", says: "header: "),
        Hostile(header: "{} {}", says: "more text after the value"),
        Hostile(header: "{}\u{0}", says: "more text after the value"),
        Hostile(
            header: #"{"a":"# + String(repeating: "[", count: 100_000), says: "nested too deeply"),
        Hostile(
            header: String(repeating: #"{"a":"#, count: 100_000), says: "nested too deeply"),
        // Metadata.
        Hostile(header: #"{"__metadata__":[]}"#, says: "metadata: is not an object"),
        Hostile(header: #"{"__metadata__":null}"#, says: "metadata: is not an object"),
        Hostile(header: #"{"__metadata__":{"step":1}}"#, says: "'step' is not a string"),
        Hostile(header: #"{"__metadata__":{"a":"1","a":"2"}}"#, says: "duplicate key"),
        Hostile(header: #"{"__metadata__":{},"__metadata__":{}}"#, says: "duplicate key"),
        Hostile(
            header: #"{"__metadata__":{"\u001b[31m":1}}"#, says: "'\\u{1B}[31m' is not a string"),
        // Entries.
        Hostile(header: #"{"a":{"dtype":"I8","shape":[8]}}"#, says: "tensor 'a': needs"),
        Hostile(header: #"{"a":[0,8]}"#, says: "tensor 'a': needs"),
        Hostile(
            header: #"{"a":{"dtype":"I8","shape":[8],"data_offsets":[0,8],"x":1}}"#,
            says: "tensor 'a': needs"),
        Hostile(
            header: #"{"\#(String(repeating: "n", count: 100_000))":1}"#, says: "nnn...'"),
        tensor(dtype: "\"F32\"", shape: "[2]", says: "has the type 'F32'"),
        tensor(dtype: "\"BF16\"", shape: "[4]", says: "this toolkit reads no others"),
        tensor(dtype: "\"i8\"", says: "has the type 'i8'"),
        tensor(dtype: "8", says: "tensor 'a': needs"),
        // Shapes.
        tensor(shape: "8", says: "tensor 'a': needs"),
        tensor(shape: "[-8]", says: "tensor 'a': needs"),
        tensor(shape: "[-1,-8]", says: "tensor 'a': needs"),
        tensor(shape: "[8.0]", says: "tensor 'a': needs"),
        tensor(shape: "[8e0]", says: "tensor 'a': needs"),
        tensor(shape: "[\"8\"]", says: "tensor 'a': needs"),
        tensor(shape: "[99999999999999999999]", says: "tensor 'a': needs"),
        tensor(shape: "[7]", says: "do not span"),
        tensor(dtype: "\"I16\"", says: "do not span"),
        tensor(shape: "[4611686018427387904,4]", says: "do not span"),
        tensor(dtype: "\"I64\"", shape: "[2305843009213693953]", says: "do not span"),
        tensor(shape: "[4294967296,4294967296,0]", says: "do not span"),
        // Offsets.
        tensor(offsets: "[0]", says: "tensor 'a': needs"),
        tensor(offsets: "[0,8,8]", says: "tensor 'a': needs"),
        tensor(offsets: "[-8,0]", says: "tensor 'a': needs"),
        tensor(offsets: "[8,0]", says: "do not span"),
        tensor(offsets: "[1,9]", says: "begins at byte 1"),
        tensor(
            shape: "[9223372036854775807]", offsets: "[0,9223372036854775807]",
            says: "where the header describes"),
        tensor(shape: "[9]", offsets: "[0,9]", says: "where the header describes"),
        tensor(shape: "[7]", offsets: "[0,7]", says: "where the header describes"),
        two("[0,4]", "[3,7]", says: "begins at byte 3"),
        two("[0,4]", "[0,4]", says: "begins at byte 0"),
        two("[0,4]", "[5,9]", says: "begins at byte 5"),
        two("[4,8]", "[4,8]", says: "begins at byte 4"),
        Hostile(header: "{}", says: "where the header describes"),
        Hostile(
            header: #"{"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},"#
                + #""a":{"dtype":"I8","shape":[4],"data_offsets":[4,8]}}"#,
            says: "duplicate key"),
    ]
}
