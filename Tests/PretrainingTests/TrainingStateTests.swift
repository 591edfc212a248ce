import Checkpoints
import EvolutionStrategy
import RecurrentLM
import Storage
import TestSupport
import Testing

@testable import Pretraining

/// The state of a run beside its weights.
@Suite struct TrainingStateTests {
    private let temporary: TemporaryDirectory
    private let config: RunConfig
    private let state: TrainingState

    init() throws {
        temporary = try TemporaryDirectory()
        config = try RunConfig(file: try temporary.write("run.yaml", minimalConfig))
        state = TrainingState(
            step: 12, position: 345, wallMicroseconds: 678_901,
            best: .init(step: 10, bitsPerByteQ32: 1 << 34, measure: "a text"),
            dataIdentity: "0123456789abcdef",
            weightsDigest: 0xFEDC_BA98_7654_3210, journalChain: "00112233445566ff",
            settings: config.settings,
            estimator: ["states": .int8([-127, 0, 127]), "scales": .int32([.min, .max])],
            rule: [
                "counts": ParameterLayout(config.model).tensors.map { [-1, .max, Int32($0.id)] }
            ])
    }

    private var path: String { temporary.file("training.safetensors") }

    private func read(_ config: RunConfig, data: String = "0123456789abcdef") throws
        -> TrainingState
    {
        try TrainingState.read(path, config: config, dataIdentity: data)
    }

    @Test func isReadAsItWasWritten() throws {
        try state.write(to: path, ParameterLayout(config.model))
        let read = try read(config)
        #expect(read.step == 12 && read.position == 345 && read.wallMicroseconds == 678_901)
        #expect(read.best == state.best && read.journalChain == state.journalChain)
        #expect(read.weightsDigest == state.weightsDigest)
        #expect(read.estimator == state.estimator && read.rule == state.rule)
    }

    @Test func theBestMayBeMissing() throws {
        var state = state
        state.best = nil
        try state.write(to: path, ParameterLayout(config.model))
        #expect(try read(config).best == nil)
    }

    /// Every setting that shapes the weights must be the same, and no other.
    @Test(arguments: [
        "model.hidden=17", "model.layers=3", "model.mlpWidth=9", "model.gate=sigmoid",
        "model.mlp=relu", "population.size=16", "population.groupSize=4",
        "population.segmentTokens=5", "population.sigmaShift=5", "population.noiseReuse=2",
        "population.sequencesPerMember=2", "update.alphaBits=3", "update.decaySteps=7",
        "run.seed=2",
    ])
    func refusesAnotherSetting(_ override: String) throws {
        try state.write(to: path, ParameterLayout(config.model))
        let file = temporary.file("run.yaml")
        let other = try RunConfig(file: file, overrides: [override])
        let error = try #require(throws: ResumeError.self) { try read(other) }
        let parts = override.split(separator: "=")
        // A changed default, such as that of mlpWidth, may be the first to differ.
        #expect(error.location == path)
        #expect(error.finding.contains(parts[0]) || error.finding.contains("model."))
        #expect(error.finding.hasSuffix("the config says \(parts[1])"))
    }

    @Test(arguments: [
        "run.steps=99", "data.shards=moved", "validation.every=1", "validation.tokens=2",
        "validation.streams=1", "checkpoints.every=1", "checkpoints.keep=9",
        "journal.digestEvery=3",
        "journal.syncEvery=1", "metrics.tensorboard=true",
    ])
    func acceptsAnotherSettingOfTheBookkeeping(_ override: String) throws {
        try state.write(to: path, ParameterLayout(config.model))
        let file = temporary.file("run.yaml")
        #expect(try read(try RunConfig(file: file, overrides: [override])).step == 12)
    }

    @Test func refusesOtherData() throws {
        try state.write(to: path, ParameterLayout(config.model))
        let error = try #require(throws: ResumeError.self) { try read(config, data: "other") }
        #expect(error.finding.contains("other training shards") && error.finding.contains("shards"))
    }

    @Test(arguments: ["step", "position", "wall_microseconds", "weights"])
    func refusesUnusableMetadata(_ key: String) throws {
        for value in [nil, "", "-1", "x", "99999999999999999999"] {
            try write(key, value)
            #expect(throws: CheckpointDamage.self) { try read(config) }
        }
    }

    @Test(arguments: [nil, "", "2", "4"]) func refusesAnotherVersion(_ version: String?) throws {
        try write("format_version", version)
        #expect(throws: ResumeError.self) { try read(config) }
    }

    private func write(_ key: String, _ value: String?) throws {
        try state.write(to: path, ParameterLayout(config.model))
        var file = try SafetensorsFile.read(path)
        file.metadata[key] = value
        try file.write(to: path)
    }

    @Test func refusesAModelInItsPlace() throws {
        try SafetensorsFile(tensors: [], metadata: ["format": "pt"]).write(to: path)
        let error = try #require(throws: ResumeError.self) { try read(config) }
        #expect(error.finding.contains("not a training state"))
    }
}
