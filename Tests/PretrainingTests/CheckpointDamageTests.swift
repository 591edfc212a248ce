import Checkpoints
import RecurrentLM
import Storage
import TestSupport
import Testing

@testable import Pretraining

/// The files of a checkpoint: every flipped bit is found, and every cut.
@Suite struct CheckpointDamageTests {
    private let temporary: TemporaryDirectory
    private let config: RunConfig
    private static let data = "0123456789abcdef"

    init() throws {
        temporary = try TemporaryDirectory()
        let overrides = ["model.hidden=1", "model.layers=1", "model.mlpWidth=0"]
        let file = try temporary.write("run.yaml", minimalConfig)
        config = try RunConfig(file: file, overrides: overrides)
        let parameters = Parameters(config: config.model, seed: config.seed)
        try ModelCheckpoint(
            parameters: parameters, tokenizer: "bytes", step: 3, seed: config.seed
        ).write(to: temporary.file("model"))
        try TrainingState(
            step: 3, position: 12, wallMicroseconds: 5, best: nil, dataIdentity: Self.data,
            weightsDigest: parameters.weightsDigest, journalChain: "00112233445566ff",
            settings: config.settings,
            estimator: ["states": .int8([1, 2, 3])],
            rule: ["residual": parameters.layout.tensors.map { $0.id == 0 ? [4, 5] : [] }]
        ).write(to: temporary.file("state"), parameters.layout)
    }

    private func read(_ name: String) throws {
        let path = temporary.file(name)
        if name == "model" {
            _ = try ModelCheckpoint.read(path)
        } else {
            _ = try TrainingState.read(path, config: config, dataIdentity: Self.data)
        }
    }

    @Test(arguments: ["model", "state"]) func everyFlippedBitIsFound(_ name: String) throws {
        let bytes = try Files.read(temporary.file(name), atMost: 1 << 20)
        try read(name)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            try temporary.overwrite(name, damaged)
            #expect(throws: SafetensorsError.self, "bit \(bit)") { try read(name) }
        }
    }

    @Test(arguments: ["model", "state"]) func everyCutIsFound(_ name: String) throws {
        let bytes = try Files.read(temporary.file(name), atMost: 1 << 20)
        for count in bytes.indices {
            try temporary.overwrite(name, Array(bytes[..<count]))
            #expect(throws: SafetensorsError.self, "\(count) bytes") { try read(name) }
        }
    }

    /// A checkpoint without a file is none; one that cannot be read may be sound, and is not passed over.
    @Test(arguments: [("model", "model.safetensors"), ("state", "training.safetensors")])
    func whatCannotBeReadIsNoDamage(_ source: String, _ name: String) throws {
        let directory = RunDirectory(path: temporary.file("run"))
        let checkpoint = directory.checkpoint(step: 3)
        try Files.createDirectory(checkpoint)
        for (source, name) in [("model", "model.safetensors"), ("state", "training.safetensors")] {
            let bytes = try Files.read(temporary.file(source), atMost: 1 << 20)
            try AtomicFile.write(bytes, to: Paths.join(checkpoint, name))
        }
        func load() throws {
            _ = try Trainer.load(config, directory, step: 3, dataIdentity: Self.data)
        }
        try load()
        let path = Paths.join(checkpoint, name)
        try Files.remove(path)
        #expect(throws: CheckpointDamage.self) { try load() }
        try Files.createDirectory(path)
        #expect(throws: SafetensorsError.self) { try load() }
    }
}
