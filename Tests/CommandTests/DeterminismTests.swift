import IntegerTensor
import Storage
import Testing

/// The weights depend on the config and the shards only.
@Suite struct DeterminismTests {
    /// A choice that must not change a byte of the model.
    struct Choice: Sendable, CustomTestStringConvertible {
        let flags: [String]
        var environment: [String: String] = [:]
        var testDescription: String {
            (flags + environment.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
        }
    }

    static let choices: [Choice] =
        [1, 2, 3].map { Choice(flags: ["--threads", "\($0)"]) }
        + Kernel.available.map { Choice(flags: ["--kernel", $0.name, "--threads", "2"]) }
        + [Choice(flags: [], environment: ["EGG_KERNEL": "portable"])]

    @Test(arguments: choices) func theModelIsTheSame(_ choice: Choice) throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        let result = try workspace.run(
            .pretrain, workspace.trainingArguments("other") + choice.flags,
            environment: choice.environment)
        expectSuccess(result)
        #expect(try workspace.model("other") == workspace.model("run"))
    }

    /// Odd sizes and every function, where kernels handle edges of their own.
    @Test(arguments: [
        ["model.hidden=17", "model.layers=2", "model.mlpWidth=35"],
        ["model.gate=sigmoid", "model.mlp=relu"],
        ["model.mlpWidth=0", "model.hidden=1"],
        ["population.size=42", "population.groupSize=6", "population.sequencesPerMember=3"],
        ["population.size=2", "population.segmentTokens=1"],
    ])
    func allKernelsAgree(_ overrides: [String]) throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        for (index, kernel) in Kernel.available.enumerated() {
            let flags = ["--kernel", kernel.name, "--threads", "\(1 + index % 3)"]
            let steps = ["run.steps=4", "validation.every=0"]
            expectSuccess(try workspace.train(kernel.name, set: overrides + steps, flags: flags))
        }
        let models = try Kernel.available.map { try workspace.model($0.name) }
        #expect(models.allSatisfy { $0 == models[0] })
    }

    /// The same with noise on the activations.
    @Test(arguments: [
        ["model.hidden=17", "model.layers=2", "model.mlpWidth=35"],
        ["population.head=perturbation", "model.mlp=relu", "population.size=42"],
        ["model.mlpWidth=0", "model.hidden=1", "population.size=2", "population.segmentTokens=1"],
        ["model.gate=sigmoid", "population.size=150"],
        ["population.feedback=learned", "model.hidden=35", "model.layers=2", "population.size=90"],
        ["population.feedback=learned", "population.size=90", "population.groupSize=10"],
    ])
    func allKernelsAgreeOnActivations(_ overrides: [String]) throws {
        let workspace = try Workspace()
        try workspace.prepareRun(config: tinyActivationsConfig)
        let steps = ["run.steps=4", "validation.every=0"]
        var models: [[UInt8]] = []
        for kernel in Kernel.available {
            for threads in 1...3 {
                let name = "\(kernel.name)-\(threads)"
                let flags = ["--kernel", kernel.name, "--threads", "\(threads)"]
                expectSuccess(try workspace.train(name, set: overrides + steps, flags: flags))
                models.append(try workspace.model(name))
            }
        }
        #expect(models.allSatisfy { $0 == models[0] })
    }

    @Test func otherSeedsGiveOtherModels() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        expectSuccess(try workspace.train("other", set: ["run.seed=8"]))
        #expect(try workspace.model("other") != workspace.model("run"))
    }

    /// Where the checkpoints and measurements fall changes no weight.
    @Test func bookkeepingChangesNoWeight() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        expectSuccess(
            try workspace.train(
                "other",
                set: ["validation.every=3", "validation.tokens=100", "checkpoints.every=0"]))
        #expect(try workspace.model("other") == workspace.model("run"))
        #expect(try workspace.checkpoints("other") == ["step-00000012"])
    }

    /// The same tokens in shards and frames of other sizes are the same corpus.
    @Test func shardSizesChangeNoWeight() throws {
        let workspace = try Workspace()
        try workspace.prepareFinishedRun()
        expectSuccess(
            try workspace.run(
                .tokenize,
                [
                    try Fixtures.shared.text, "--output", "other-shards",
                    "--validation-fraction", "0.05", "--shard-tokens", "7001",
                    "--frame-tokens", "999",
                ]))
        expectSuccess(try workspace.train("other", set: ["data.shards=other-shards"]))
        #expect(try workspace.model("other") == workspace.model("run"))
    }
}
