import Checkpoints
import RecurrentLM
import Storage
import TestSupport
import Testing

@Suite struct ModelCheckpointTests {
    let directory = try? TemporaryDirectory()

    private func path(_ name: String = "model.safetensors") throws -> String {
        try #require(directory).file(name)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let path = try path()
        let written = TestModel.checkpoint
        try written.write(to: path)
        let read = try ModelCheckpoint.read(path)
        #expect(read.parameters.values == written.parameters.values)
        #expect(read.parameters.config == TestModel.config)
        #expect(read.tokenizer == "bytes" && read.step == 12 && read.seed == .max)
        let bytes = try Files.read(path, atMost: 1 << 20)
        try read.write(to: path)
        #expect(try Files.read(path, atMost: 1 << 20) == bytes)
    }

    @Test func aModelWithoutMLPIsReadAgain() throws {
        let config = ModelConfig(
            vocabulary: 5, hidden: 3, layers: 1, mlpWidth: 0, gate: .sigmoid)
        let model = ModelCheckpoint(
            parameters: Parameters(config: config, seed: 1), tokenizer: "other", step: 0, seed: 0)
        try model.write(to: path())
        #expect(try ModelCheckpoint.read(path()).parameters.config == config)
    }

    @Test(arguments: PackageFiles.parityNames)
    func aFileOfAnotherToolIsReadByItsShapes(name: String) throws {
        let checkpoint = try ModelCheckpoint.read(
            PackageFiles.parity(name), functions: .identity)
        let parameters = checkpoint.parameters
        let shape = name.prefix { $0 != "-" }.split(separator: "x").compactMap { Int($0) }
        let config = ModelConfig(hidden: shape[1], layers: shape[0], mlpWidth: 4 * shape[1])
        #expect(parameters.config == config)
    }

    /// Takes entries out of a sound file.
    private func write(
        _ config: ModelConfig = TestModel.config, without keys: [String]
    ) throws -> String {
        let path = try path()
        try ModelCheckpoint(
            parameters: Parameters(config: config, seed: 3), tokenizer: "bytes", step: 12, seed: 5
        ).write(to: path)
        var file = try SafetensorsFile.read(path)
        for key in keys { file.metadata[key] = nil }
        try file.write(to: path)
        return path
    }

    @Test func whatAFileDoesNotSayIsAskedFor() throws {
        let path = try write(without: ["format", "gate", "mlp"])
        let error = try #require(throws: SafetensorsError.self) { try ModelCheckpoint.read(path) }
        #expect(error.finding.contains("'gate', 'mlp'"))
        #expect(error.remedy.contains("--gate (identity or sigmoid), --mlp (identity or relu)"))
        let gate = ModelFunctions(gate: .sigmoid)
        let second = try #require(throws: SafetensorsError.self) {
            try ModelCheckpoint.read(path, functions: gate)
        }
        #expect(second.finding.contains("'mlp'") && !second.finding.contains("gate"))
        let read = try ModelCheckpoint.read(
            path, functions: ModelFunctions(gate: .sigmoid, mlp: .relu))
        #expect(read.parameters.config.gate == .sigmoid && read.parameters.config.mlp == .relu)
        #expect(read.step == 12 && read.seed == 5)
    }

    @Test func aModelWithoutMLPNeedsNoFunctionOfIt() throws {
        let config = ModelConfig(hidden: 4, layers: 1, mlpWidth: 0)
        let path = try write(config, without: ["format", "gate", "mlp"])
        let functions = ModelFunctions(gate: .sigmoid)
        #expect(
            try ModelCheckpoint.read(path, functions: functions).parameters.config.gate
                == .sigmoid)
    }

    /// Files of earlier versions name a function of the candidate, those of other tools perhaps without the format.
    @Test(arguments: [[], ["format"]])
    func onlyTheIdentityOfTheCandidateIsRead(without keys: [String]) throws {
        let path = try write(without: keys)
        var file = try SafetensorsFile.read(path)
        for (function, isKnown) in [("identity", true), ("tanh", false)] {
            file.metadata["candidate"] = function
            try file.write(to: path)
            if isKnown {
                #expect(try ModelCheckpoint.read(path).parameters.config == TestModel.config)
                continue
            }
            let error = try #require(throws: SafetensorsError.self) {
                try ModelCheckpoint.read(path)
            }
            #expect(error.finding.contains("'candidate' is 'tanh'"))
        }
    }

    @Test(arguments: [[], ["format"]])
    func whatAFileSaysIsNotOverridden(without keys: [String]) throws {
        let path = try write(without: keys)
        #expect(
            try ModelCheckpoint.read(path, functions: ModelFunctions(TestModel.config))
                .parameters.config == TestModel.config)
        let error = try #require(throws: SafetensorsError.self) {
            try ModelCheckpoint.read(path, functions: ModelFunctions(mlp: .identity))
        }
        #expect(error.finding == "says that 'mlp' is relu, and --mlp says identity")
        let other = ModelFunctions(
            ModelConfig(hidden: 8, layers: 2, mlpWidth: 12), prefix: "model.")
        let second = try #require(throws: SafetensorsError.self) {
            try ModelCheckpoint.read(path, functions: other)
        }
        #expect(second.finding == "says that 'mlp' is relu, and model.mlp says identity")
    }

    @Test func onlyBytesNeedNoTokenizer() throws {
        let small = ModelConfig(vocabulary: 100, hidden: 4, layers: 1, mlpWidth: 0)
        let path = try write(small, without: ["format", "tokenizer"])
        #expect(throws: SafetensorsError.self) { try ModelCheckpoint.read(path) }
        #expect(
            try ModelCheckpoint.read(write(without: ["format", "tokenizer"])).tokenizer == "bytes")
    }

    // MARK: Damage

    /// A change to a sound file and the place that the error must name.
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let place: String
        let change: @Sendable (inout SafetensorsFile) -> Void

        static func entry(_ key: String, _ value: String?) -> Damage {
            Damage(testDescription: "\(key) = \(value ?? "none")", place: "metadata") {
                $0.metadata[key] = value
            }
        }

        static func tensor(_ name: String, _ tensor: SafetensorsTensor?) -> Damage {
            let what = tensor.map { "\($0.type.rawValue) \($0.shape)" } ?? "none"
            return Damage(testDescription: "\(name): \(what)", place: "tensor '\(name)'") { file in
                file.tensors.removeAll { $0.name == name }
                if let tensor { file.tensors.append(tensor) }
            }
        }
    }

    static let missingEntries: [Damage] =
        [
            "format_version", "vocabulary", "hidden", "layers", "mlp_width", "gate",
            "mlp", "tokenizer", "step", "seed",
        ].map { Damage.entry($0, nil) }

    static let wrongParts: [Damage] = [
        .entry("format_version", "2"), .entry("hidden", "08"), .entry("hidden", "-8"),
        .entry("hidden", "eight"), .entry("hidden", ""), .entry("hidden", "0"),
        .entry("hidden", "999999999999999999"), .entry("layers", "9223372036854775807"),
        .entry("layers", "65"), .entry("mlp_width", "16384"), .entry("vocabulary", "257"),
        .entry("vocabulary", "1"), .entry("gate", "tanh"), .entry("candidate", "tanh"),
        .entry("mlp", "RELU"),
        .entry("step", "99999999999999999999"), .entry("seed", "-1"),
        .tensor("emb", nil), .tensor("layers.1.W2", nil),
        .tensor("head", .init(name: "head", shape: [8, 256], int8: zeros(2048))),
        .tensor("head", .init(name: "head", shape: [2048], int8: zeros(2048))),
        .tensor("lnOut", .init(name: "lnOut", shape: [8, 1], int8: zeros(8))),
        .tensor("lnOut", .init(name: "lnOut", shape: [0], int8: [])),
        .tensor(
            "lnOut", .init(name: "lnOut", shape: [8], uint8: [UInt8](repeating: 0, count: 8))),
        .tensor("lnOut", .init(name: "lnOut", shape: [8], int8: zeros(7) + [-128])),
        .tensor("layers.2.ln1", .init(name: "layers.2.ln1", shape: [8], int8: zeros(8))),
        .tensor("more", .init(name: "more", shape: [1], int8: [1])),
    ]

    private static func zeros(_ count: Int) -> [Int8] { [Int8](repeating: 0, count: count) }

    @Test(arguments: missingEntries + wrongParts)
    func aWrongFileIsRefusedWithItsPlace(damage: Damage) throws {
        let path = try path()
        try TestModel.checkpoint.write(to: path)
        var file = try SafetensorsFile.read(path)
        damage.change(&file)
        try file.write(to: path)
        let error = try #require(throws: SafetensorsError.self) { try ModelCheckpoint.read(path) }
        #expect(error.location == "\(path): \(damage.place)", "\(error)")
        #expect(!error.remedy.isEmpty)
    }

    static let foreignTensors: [[SafetensorsTensor]] = [
        [],
        [.init(name: "emb", shape: [4], int8: zeros(4))],
        [.init(name: "emb", shape: [0, 4], int8: [])],
        [.init(name: "emb", shape: [2, 4], int8: zeros(8))],
        [.init(name: "emb", shape: [256, 0], int8: [])],
        [.init(name: "emb", shape: [256, 4], int8: zeros(1024))],
    ]

    @Test(arguments: foreignTensors)
    func aForeignFileThatIsNoModelIsRefused(tensors: [SafetensorsTensor]) throws {
        try SafetensorsFile(tensors: tensors).write(to: path())
        #expect(throws: SafetensorsError.self) {
            try ModelCheckpoint.read(path(), functions: .identity)
        }
    }

    // MARK: Places

    @Test func aRunACheckpointAndAFileLeadToTheModel() throws {
        let run = try path("run")
        let step = Paths.join(run, "checkpoints/step-00000012")
        try Files.createDirectory(step)
        let model = Paths.join(step, "model.safetensors")
        try TestModel.checkpoint.write(to: model)
        #expect(try ModelCheckpoint.locate(model) == model)
        #expect(try ModelCheckpoint.locate(step) == model)
        #expect(throws: SafetensorsError.self) { try ModelCheckpoint.locate(run) }
        try Files.replaceLink(Paths.join(run, "latest"), target: "checkpoints/step-00000012")
        #expect(try ModelCheckpoint.read(ModelCheckpoint.locate(run)).step == 12)
        #expect(try ModelCheckpoint.read(ModelCheckpoint.locate(run + "/latest")).step == 12)
    }

    @Test func aPathThatLeadsNowhereIsNamed() throws {
        let run = try path("run")
        #expect(throws: SafetensorsError.self) { try ModelCheckpoint.locate(run) }
        try Files.createDirectory(run)
        try Files.replaceLink(Paths.join(run, "latest"), target: "checkpoints/none")
        let error = try #require(throws: SafetensorsError.self) {
            try ModelCheckpoint.locate(run)
        }
        #expect(error.location == Paths.join(run, "latest"))
        #expect(throws: SafetensorsError.self) { try ModelCheckpoint.locate("/dev/null") }
        #expect(throws: SafetensorsError.self) { try ModelCheckpoint.locate("") }
    }
}
