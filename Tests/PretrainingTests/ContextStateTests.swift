import Checkpoints
import EvolutionStrategy
import RecurrentLM
import Storage
import TestSupport
import Testing

@testable import Pretraining

/// The state of contexts' rows in that of a run.
@Suite struct ContextStateTests {
    private let temporary: TemporaryDirectory
    private let config: RunConfig
    private let state: TrainingState
    private static let data = "0123456789abcdef"
    private static let settings = [
        "method=node-perturbation", "update.rule=momentum", "model.contexts=[2, word]",
        "model.contextRows=512", "model.direct=true",
    ]
    /// Parts of a state that are any bytes.
    private static let parts = [part("readings.inputs", 1024), part("fine.logits", 4096)]

    /// Bytes that a test gives and takes.
    private static func part(
        _ name: String, _ count: Int, take: @escaping @Sendable ([UInt8]) -> Void = { _ in }
    ) -> ContextState {
        ContextState(
            name: name, count: count,
            save: { range, block in block.copyBytes(from: range.map { byte($0) }) },
            restore: { range, block in take(Array(block)) })
    }

    private static func byte(_ place: Int) -> UInt8 { UInt8(truncatingIfNeeded: place * 7919) }

    init() throws {
        temporary = try TemporaryDirectory()
        config = try RunConfig(
            file: try temporary.write("run.yaml", minimalConfig),
            overrides: Self.settings)
        state = TrainingState(
            step: 12, position: 345, wallMicroseconds: 678_901, best: nil,
            dataIdentity: Self.data, weightsDigest: 1, journalChain: "00112233445566ff",
            settings: config.settings,
            estimator: ["histories": .int32([.min, 0, .max])], rule: [:])
    }

    private var path: String { temporary.file("training.safetensors") }

    private func read() throws -> TrainingState {
        try TrainingState.read(path, config: config, dataIdentity: Self.data)
    }

    private func write() throws {
        try state.write(to: path, ParameterLayout(config.model), contexts: Self.parts)
    }

    @Test func isReadAsItWasWritten() throws {
        try write()
        let read = try read()
        #expect(read.estimator == state.estimator)
        #expect(read.contexts.keys.sorted() == ["fine.logits", "readings.inputs"])
        for written in Self.parts {
            let part = Self.part(written.name, written.count) { bytes in
                #expect(bytes == (0..<written.count).map(Self.byte))
            }
            try read.restore([part], from: path)
        }
    }

    /// A table of many rows, most of which were never read.
    @Test func zerosTakeLittleRoom() throws {
        let zeros = ContextState(
            name: "fine.inputs", count: 1 << 26,
            save: { _, block in block.initializeMemory(as: UInt8.self, repeating: 0) },
            restore: { _, _ in })
        try state.write(to: path, ParameterLayout(config.model), contexts: [zeros])
        #expect(try Files.read(path, atMost: 1 << 20).count < 1 << 15)
    }

    @Test func aMissingPartIsReported() throws {
        try write()
        let read = try read()
        let error = #expect(throws: ResumeError.self) {
            try read.restore([Self.part("readings.logits", 1024)], from: path)
        }
        #expect(error?.location == path)
        #expect(error?.finding.contains("contexts.readings.logits") == true)
    }

    @Test(arguments: [1, 1023, 1025, 4096]) func aPartOfAnotherSizeIsRefused(_ count: Int) throws {
        try write()
        let read = try read()
        let error = #expect(throws: SafetensorsError.self) {
            try read.restore([Self.part("readings.inputs", count)], from: path)
        }
        #expect(error?.location == "\(path): tensor 'contexts.readings.inputs'")
    }

    @Test func whatIsNoFrameIsRefused() throws {
        let name = "contexts.readings.inputs"
        try write()
        let sound = try #require(try SafetensorsFile.read(path)[name]).bytes
        let bad: [SafetensorsTensor] = [
            .init(name: name, shape: [0], uint8: []),
            .init(name: name, shape: [4], uint8: [1, 2, 3, 4]),
            .init(name: name, shape: [sound.count - 1], uint8: sound.dropLast()),
            .init(name: name, shape: [sound.count + 1], uint8: sound + [0]),
            .init(name: name, shape: [1, sound.count], uint8: sound),
            .init(name: name, shape: [512], uint16: [UInt16](repeating: 9, count: 512)),
        ]
        for tensor in bad {
            try write()
            var file = try SafetensorsFile.read(path)
            file.tensors.removeAll { $0.name == name }
            file.tensors.append(tensor)
            try file.write(to: path)
            let read = try read()
            let error = #expect(throws: SafetensorsError.self, "\(tensor.shape)") {
                try read.restore([Self.part("readings.inputs", 1024)], from: path)
            }
            #expect(error?.location == "\(path): tensor '\(name)'")
        }
    }

    @Test(arguments: [
        "model.contexts=[2]", "model.contexts=[word, 2]", "model.contextRows=256",
        "model.direct=false",
    ])
    func refusesOtherContexts(_ override: String) throws {
        try write()
        let others = try RunConfig(
            file: temporary.file("run.yaml"), overrides: Self.settings + [override])
        let error = try #require(throws: ResumeError.self) {
            try TrainingState.read(path, config: others, dataIdentity: Self.data)
        }
        let name = try #require(override.split(separator: "=").first)
        #expect(error.finding.contains(name))
    }
}
