import RecurrentLM
import Storage
import TestSupport
import Testing

@testable import Checkpoints

/// Wrong files of models with contexts and with direct connections.
@Suite struct ContextDamageTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("model.safetensors") }

    init() throws { directory = try TemporaryDirectory() }

    typealias Damage = ModelCheckpointTests.Damage

    private static func frames(_ count: Int, _ value: Int8 = 1) -> [UInt8] {
        var frames: [UInt8] = []
        try? CompressedBytes.compress(count: count) { _, block in
            for i in block.indices { block[i] = UInt8(bitPattern: value) }
        } take: {
            frames += $0
        }
        return frames
    }

    /// Frames that do not hold the rows of the model, 256 of 8 values and 128 of 256, or their tags.
    static let wrongTensors: [Damage] =
        wrongTensors("contexts", size: 256 * 8) + wrongTensors("direct", size: 128 * 256)
        + wrongTensors("contexts.tags", size: 256) + wrongTensors("direct.tags", size: 128)

    private static func wrongTensors(_ name: String, size: Int) -> [Damage] {
        let sound: [UInt8] = frames(size)
        var bytes: [[UInt8]] = [[], [0]]
        bytes.append(Array(sound.dropLast()))
        bytes.append(sound + [0])
        bytes.append(sound + sound)
        for other in [size - 1, size + 1, 2 * size] { bytes.append(frames(other)) }
        // Any byte is a tag.
        if !name.hasSuffix(".tags") { bytes.append(frames(size, -128)) }
        var tensors = bytes.map { frames in
            SafetensorsTensor(name: name, shape: [frames.count], uint8: frames)
        }
        let ones = [Int8](repeating: 1, count: size)
        tensors.append(SafetensorsTensor(name: name, shape: [2], int8: [1, 2]))
        tensors.append(SafetensorsTensor(name: name, shape: [size], int8: ones))
        tensors.append(SafetensorsTensor(name: name, shape: [1, 2], uint8: [1, 2]))
        tensors.append(SafetensorsTensor(name: name, shape: [2], uint16: [1, 2]))
        return [Damage.tensor(name, nil)] + tensors.map { Damage.tensor(name, $0) }
    }

    static let wrongEntries: [Damage] = [
        .entry("contexts", ""), .entry("contexts", "2, 8"), .entry("contexts", "2,"),
        .entry("contexts", "trigram"), .entry("contexts", "[2]"), .entry("contexts", "2, 2"),
        .entry("contexts", [String](repeating: "word", count: 17).joined(separator: ", ")),
        .entry("context_hash", nil), .entry("context_hash", "0"), .entry("context_hash", "1"),
        .entry("context_hash", "3"),
        .entry("context_hash", "x"), .entry("context_hash", "-1"),
        .entry("context_rows", nil), .entry("context_rows", ""), .entry("context_rows", "-256"),
        .entry("context_rows", "0"), .entry("context_rows", "128"), .entry("context_rows", "384"),
        .entry("context_rows", "134217728"), .entry("context_rows", "9223372036854775807"),
        .entry("context_rows", "99999999999999999999"),
        .entry("direct", ""), .entry("direct", "1"), .entry("direct", "yes"),
        .entry("direct", "True"),
    ]

    private func error(after damage: Damage) throws -> SafetensorsError {
        try ContextCheckpointTests.checkpoint(ContextCheckpointTests.config(direct: true))
            .write(to: path)
        var file = try SafetensorsFile.read(path)
        damage.change(&file)
        try file.write(to: path)
        return try #require(throws: SafetensorsError.self) { try ModelCheckpoint.read(path) }
    }

    @Test(arguments: wrongTensors + wrongEntries)
    func aWrongFileIsRefusedWithItsPlace(damage: Damage) throws {
        let error = try error(after: damage)
        #expect(error.location == "\(path): \(damage.place)", "\(error)")
        #expect(!error.remedy.isEmpty)
    }

    /// Sizes that are possible, but are not those of the tensor: the largest are refused for lack of memory, or because
    /// the tensor does not fill them.
    @Test(arguments: [512, 1 << 20, 1 << 26]) func otherRowsThanThoseOfTheTensor(_ rows: Int) throws
    {
        let error = try error(after: .entry("context_rows", "\(rows)"))
        #expect(error.location == "\(path): tensor 'contexts'", "\(error)")
    }

    /// A table that no name in the metadata explains is a tensor too many.
    @Test func aTensorWithoutItsMetadataIsRefused() throws {
        let error = try error(after: .entry("contexts", nil))
        #expect(error.location == "\(path): tensor 'contexts'")
        #expect(error.finding == "is not a tensor of the model that the file names")
        var file = try SafetensorsFile.read(path)
        file.metadata["format"] = nil
        try file.write(to: path)
        let foreign = try #require(throws: SafetensorsError.self) { try ModelCheckpoint.read(path) }
        #expect(foreign.location == "\(path): metadata")
        #expect(foreign.finding.contains("'contexts', 'context_rows' and 'context_hash'"))
    }

    /// Rows for the logits that the metadata do not name.
    @Test(arguments: [nil, "false"]) func directConnectionsWithoutTheirEntryAreRefused(
        _ entry: String?
    ) throws {
        let error = try error(after: .entry("direct", entry))
        #expect(error.location == "\(path): tensor 'direct'")
        #expect(error.finding == "is not a tensor of the model that the file names")
    }

    @Test func contextsOfAModelWithoutThemAreMissing() throws {
        try TestModel.checkpoint.write(to: path)
        var file = try SafetensorsFile.read(path)
        file.metadata["contexts"] = "2"
        file.metadata["context_rows"] = "256"
        file.metadata["context_hash"] = "2"
        try file.write(to: path)
        let error = try #require(throws: SafetensorsError.self) { try ModelCheckpoint.read(path) }
        #expect(error.location == "\(path): tensor 'contexts'" && error.finding == "is missing")
    }
}
