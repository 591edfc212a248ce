import Checkpoints
import Storage
import TestSupport
import Testing

@Suite struct SafetensorsReadingTests {
    /// Computed with Python from the same files.
    struct Reference: Sendable {
        let name: String
        let tensorCount: Int
        let logLikelihoodSum: Int
        let headSum: Int
        let bufferHash: UInt64
    }

    @Test(arguments: [
        Reference(
            name: "1x128-init", tensorCount: 74, logLikelihoodSum: -55386, headSum: -2439,
            bufferHash: 0x4607_187D_B540_8ABF),
        Reference(
            name: "1x128-stress", tensorCount: 74, logLikelihoodSum: -61385, headSum: 759,
            bufferHash: 0xEC79_9113_D6BA_592C),
        Reference(
            name: "2x64-init", tensorCount: 124, logLikelihoodSum: -54705, headSum: -2340,
            bufferHash: 0xA92D_196D_7A3C_F717),
        Reference(
            name: "2x64-stress", tensorCount: 124, logLikelihoodSum: -59607, headSum: 4947,
            bufferHash: 0xBA4A_9E64_DEBD_2EA9),
    ])
    func readsTheFilesOfTheReference(_ reference: Reference) throws {
        let file = try SafetensorsFile.read(PackageFiles.parity(reference.name))
        #expect(!file.hasVerifiedPayload)
        #expect(file.metadata["sigmaShift"] == "4")
        #expect(file.tensors.count == reference.tensorCount)

        var buffer = XXH64()
        for tensor in file.tensors { buffer.update(tensor.bytes) }
        #expect(buffer.digest() == reference.bufferHash)

        let logLikelihood = try #require(file["clean.logLikelihood"])
        #expect(logLikelihood.shape == [400])
        #expect(
            try logLikelihood.int32Values().reduce(0) { $0 + Int($1) } == reference.logLikelihoodSum
        )
        let head = try #require(file["head"])
        #expect(try head.int8Values().reduce(0) { $0 + Int($1) } == reference.headSum)
        let tokens = try #require(file["clean.tokens"])
        #expect(try tokens.uint8Values().reduce(0) { $0 + Int($1) } == 14344)
        #expect(file["nothing"] == nil)
    }

    @Test func readsAFileWithoutTensors() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file(
            "empty", holding: safetensorsBytes(header: Array("{}".utf8), payload: 0))
        let file = try SafetensorsFile.read(path)
        #expect(file.tensors.isEmpty)
        #expect(file.metadata.entries.isEmpty)
    }

    @Test func ordersTensorsByTheirBytes() throws {
        let header = """
            {"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},
             "empty":{"shape":[0,7],"data_offsets":[1,1],"dtype":"I64"},
             "a":{"dtype":"I8","shape":[],"data_offsets":[0,1]}}
            """
        let directory = try TemporaryDirectory()
        let path = try directory.file(
            "mixed", holding: safetensorsBytes(header: Array(header.utf8), payload: 3))
        let file = try SafetensorsFile.read(path)
        #expect(file.tensors.map(\.name) == ["a", "empty", "b"])
        #expect(file["empty"]?.bytes == [])
        #expect(file["a"]?.shape == [])
    }

    @Test func namesTheFileThatCannotBeRead() throws {
        let directory = try TemporaryDirectory()
        let missing = #expect(throws: SafetensorsError.self) {
            try SafetensorsFile.read(directory.file("missing"))
        }
        #expect(missing?.location == directory.file("missing"))
        #expect(missing?.remedy == "check the path")
        let listed = #expect(throws: SafetensorsError.self) {
            try SafetensorsFile.read(directory.path)
        }
        #expect(listed?.remedy == "name a file, not a directory")
        #expect(throws: SafetensorsError.self) { try SafetensorsFile.read("") }
    }

    /// Opening a pipe that nobody writes to would wait for ever.
    @Test(.timeLimit(.minutes(1))) func refusesAPipe() throws {
        let directory = try TemporaryDirectory()
        try directory.makePipe("pipe")
        let error = #expect(throws: SafetensorsError.self) {
            try SafetensorsFile.read(directory.file("pipe"))
        }
        #expect(error?.finding == "is a pipe or a device")
    }

    @Test func refusesAFileAboveTheLimit() throws {
        let path = PackageFiles.parity("2x64-init")
        #expect(throws: SafetensorsError.self) {
            try SafetensorsFile.read(path, atMost: 529_432)
        }
        #expect(throws: Never.self) { try SafetensorsFile.read(path, atMost: 529_433) }
    }
}
