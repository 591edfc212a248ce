import Testing

/// Configs that `pretrain` must refuse, each at its place.
@Suite struct BadConfigTests {
    @Test(arguments: files + sections + values + combinations + activationSettings)
    func isRefused(_ input: BadInput) throws { try input.check() }

    @Test(arguments: overrides)
    func overrideIsRefused(_ input: BadInput) throws { try input.check() }

    /// A whole config file.
    private static func file(
        _ name: String, _ bytes: [UInt8], _ fragments: String...
    ) -> BadInput {
        BadInput(name: name, command: .pretrain, code: 1, fragments: fragments) { workspace in
            try workspace.prepareRun()
            try workspace.write("run.yaml", bytes)
            return ["--config", "run.yaml", "--output", "out"]
        }
    }

    /// A change of the tiny config.
    private static func edit(
        _ name: String, _ old: String, _ new: String, _ fragments: String...
    ) -> BadInput {
        BadInput(name: name, command: .pretrain, code: 1, fragments: fragments) { workspace in
            try workspace.prepareRun()
            try workspace.replace("run.yaml", old, with: new)
            return ["--config", "run.yaml", "--output", "out"]
        }
    }

    private static func set(
        _ name: String, _ override: String, code: Int32 = 64, _ fragments: String...
    ) -> BadInput {
        BadInput(name: name, command: .pretrain, code: code, fragments: fragments) { workspace in
            try workspace.prepareRun()
            return ["--config", "run.yaml", "--output", "out", "--set", override]
        }
    }

    static let files: [BadInput] = [
        BadInput(
            name: "no config", command: .pretrain, code: 1,
            fragments: ["none.yaml: ", "no such file", "check the path"]
        ) { _ in ["--config", "none.yaml"] },
        BadInput(
            name: "a directory as config", command: .pretrain, code: 1,
            fragments: ["dir: ", "is a directory", "name a file"]
        ) { workspace in
            try workspace.write("dir/file", "")
            return ["--config", "dir"]
        },
        file("not UTF-8", [0x64, 0xFF, 0xFE], "run.yaml: ", "not UTF-8", "save the config"),
        file("empty", [], "run.yaml: ", "holds no sections", "write 'section:' lines"),
        file("a scalar", Array("42\n".utf8), "run.yaml: ", "holds no sections"),
        file("NUL bytes", [0, 0, 0], "run.yaml"),
        file("too large", Array(repeating: 0x23, count: 300_000), "run.yaml: ", "larger than"),
        file(
            "deep nesting", Array(repeating: UInt8(ascii: "["), count: 5000), "run.yaml: ",
            "more than 256", "write sections"),
        file("unclosed quote", Array("data:\n  shards: \"x\n".utf8), "run.yaml:", "mend the YAML"),
        file(
            "aliases that multiply",
            Array(
                (["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
                    + (1..<20).map { level in
                        "a\(level): &a\(level) ["
                            + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
                            + "]"
                    } + ["? *a19", ": x"]).joined(separator: "\n").utf8), "run.yaml: ",
            "more than 16 aliases", "values"),
    ]

    static let sections: [BadInput] = [
        edit(
            "syntax error", "  hidden: 16", "  hidden: [16", "run.yaml:5:", "mend the YAML"),
        edit(
            "a tab", "  hidden: 16", "\thidden: 16", "run.yaml:4:1: ", "mend the YAML"),
        edit(
            "duplicate key", "  layers: 1", "  layers: 1\n  layers: 2", "run.yaml:",
            "the key 'layers' occurs more than once", "keep one of them"),
        edit(
            "duplicate section", "run:", "model:\n  hidden: 16\nrun:", "run.yaml:",
            "the key 'model' occurs more than once"),
        edit(
            "unknown key", "  layers: 1", "  layers: 1\n  width: 3", "run.yaml:6:3: ",
            "unknown key 'model.width'", "'model' knows hidden, layers, mlpWidth, gate"),
        edit(
            "misspelt required key", "  hidden: 16", "  hiden: 16", "run.yaml:4:3: ",
            "unknown key 'model.hiden'", "'model' knows hidden, layers"),
        edit(
            "unknown section", "checkpoints:", "checkpoint:", "run.yaml:20:1: ",
            "unknown section 'checkpoint'",
            "known are data, model, population, update, run, validation, checkpoints"),
        edit(
            "misspelt required section", "model:", "modell:", "run.yaml:3:1: ",
            "unknown section 'modell'", "known are data, model"),
        edit(
            "missing key", "  layers: 1\n", "", "run.yaml:3:1: ", "'model.layers' is missing",
            "add it to the section 'model'"),
        edit(
            "missing section", "run:\n  steps: 12\n  seed: 7\n", "", "run.yaml: ",
            "'run.steps' is missing", "add it to the section 'run'"),
        edit(
            "a section with a value", "model:\n  hidden: 16\n  layers: 1", "model: 3",
            "run.yaml:3:8: ", "'model' must be a section", "indented"),
        edit(
            "a list as section", "  rule: threshold", "  - rule", "run.yaml:12:3: ",
            "'update' must be a section"),
    ]

    static let values: [BadInput] = [
        edit(
            "a word for a number", "hidden: 16", "hidden: two", "run.yaml:4:11: ",
            "'model.hidden' must be an integer, found 'two'", "change the value"),
        edit(
            "a fraction", "hidden: 16", "hidden: 16.5", "run.yaml:4:11: ",
            "must be an integer, found '16.5'"),
        edit(
            "a list", "hidden: 16", "hidden: [16]", "run.yaml:4:11: ", "found 'a list or section'"),
        edit(
            "zero", "hidden: 16", "hidden: 0", "run.yaml:4:11: ",
            "must be an integer from 1 to 4096, found '0'"),
        edit(
            "negative", "layers: 1", "layers: -1", "run.yaml:5:11: ",
            "must be an integer from 1 to 64, found '-1'"),
        edit(
            "above 64 bits", "layers: 1", "layers: 99999999999999999999", "run.yaml:5:11: ",
            "'model.layers' must be an integer"),
        edit(
            "no steps", "steps: 12", "steps: 0", "run.yaml:14:10: ",
            "'run.steps' must be an integer from 1 to 1000000000"),
        edit(
            "negative seed", "seed: 7", "seed: -7", "run.yaml:15:9: ",
            "must be an integer from 0 to 18446744073709551615, found '-7'"),
        edit(
            "unknown rule", "rule: threshold", "rule: adam", "run.yaml:12:9: ",
            "'update.rule' must be one of residual, threshold", "found 'adam'"),
        edit(
            "unknown function", "layers: 1", "layers: 1\n  gate: tanh", "run.yaml:6:9: ",
            "'model.gate' must be one of identity, sigmoid, found 'tanh'"),
        edit(
            "sigmaShift too small", "sigmaShift: 4", "sigmaShift: 1", "run.yaml:10:15: ",
            "'population.sigmaShift' must be an integer from 2 to 10"),
        edit(
            "no checkpoint kept", "keep: 2", "keep: 0", "run.yaml:22:9: ",
            "'checkpoints.keep' must be an integer from 1 to"),
        edit(
            "a value of several lines", "hidden: 16", "hidden: |\n    one\n    two", "run.yaml:4:",
            "must be an integer, found 'one"),
    ]

    static let combinations: [BadInput] = [
        edit(
            "odd groups", "groupSize: 2", "groupSize: 3", "run.yaml:8:14: population.groupSize: ",
            "3 is not an even number", "use 2 or more"),
        edit(
            "groups that do not divide", "groupSize: 2", "groupSize: 6", "population.size: ",
            "32 is not divisible by the group size 6", "multiple of population.groupSize"),
        edit(
            "odd population", "size: 32", "size: 33", "run.yaml:7:9: population.size: ",
            "33 is not divisible"),
        edit(
            "a rank whose root is no shift", "sigmaShift: 4", "sigmaShift: 4\n  rank: 2",
            "run.yaml:11:9: ", "'population.rank' must be 1 or 4 or 16, found '2'"),
        edit(
            "scores beyond 32 bits", "segmentTokens: 8",
            "segmentTokens: 65536\n  sequencesPerMember: 4096",
            "run.yaml:9:18: population.segmentTokens: ", "can pass 32 bits", "use fewer"),
        edit(
            "the delta rule for signs", "size: 32", "size: 32\n  head: delta", "run.yaml:8:9: ",
            "'population.head' is delta, and the threshold rule counts signs",
            "use perturbation, or update.rule: residual"),
    ]

    /// A change of the tiny config with noise on the activations.
    private static func activations(
        _ name: String, _ old: String, _ new: String, _ fragments: String...
    ) -> BadInput {
        BadInput(name: name, command: .pretrain, code: 1, fragments: fragments) { workspace in
            try workspace.prepareRun(config: tinyActivationsConfig)
            try workspace.replace("run.yaml", old, with: new)
            return ["--config", "run.yaml", "--output", "out"]
        }
    }

    static let activationSettings: [BadInput] = [
        activations(
            "the paper's rule", "rule: momentum", "rule: threshold", "run.yaml:12:9: ",
            "'update.rule' is threshold, which cannot use the votes of method: node-perturbation",
            "use momentum, or method: eggroll"),
        activations(
            "the residual rule", "rule: momentum", "rule: residual", "run.yaml:12:9: ",
            "'update.rule' is residual"),
        activations(
            "coarse losses", "layers: 1", "layers: 1\n  lossFractionBits: 4", "run.yaml:7:21: ",
            "'model.lossFractionBits' is 4, too coarse", "use 10"),
        activations(
            "a setting of the other method", "size: 32", "size: 32\n  sigmaShift: 4",
            "run.yaml:9:3: ",
            "'population.sigmaShift' has no use without method: eggroll",
            "remove it, or choose that"),
        activations(
            "feedback without the head's error", "size: 32",
            "size: 32\n  head: perturbation\n  feedback: learned", "run.yaml:10:13: ",
            "population.feedback: is learned from the head's error", "use population.head: delta"),
        activations(
            "draws on the logits of a head that has the delta rule", "size: 32",
            "size: 32\n  headDraws: 4", "run.yaml:9:3: ",
            "'population.headDraws' has no use without population.head: perturbation"),
        activations(
            "more draws than there are rotations", "size: 32",
            "size: 32\n  head: perturbation\n  headDraws: 17", "run.yaml:10:14: ",
            "'population.headDraws' must be an integer from 1 to 16"),
        activations(
            "too much noise", "size: 32", "size: 32\n  noise: 31", "run.yaml:9:10: ",
            "'population.noise' must be an integer from 1 to 30"),
        activations(
            "an unknown head rule", "size: 32", "size: 32\n  head: softmax", "run.yaml:9:9: ",
            "'population.head' must be one of perturbation, delta"),
        activations(
            "a long segment", "segmentTokens: 8", "segmentTokens: 5000", "run.yaml:10:18: ",
            "population.segmentTokens: 5000 is more than", "use at most 4096"),
        activations(
            "votes beyond 32 bits of tokens", "size: 32", "size: 40000", "run.yaml:8:9: ",
            "votes of 20000 texts x 8 tokens can pass 32 bits", "at most 133144 tokens in all"),
        activations(
            "more pairs than a sum holds", "size: 32\n  groupSize: 2",
            "size: 260\n  groupSize: 130", "run.yaml:9:14: ",
            "population.groupSize: 130 is more than", "use at most 128"),
    ]

    static let overrides: [BadInput] = [
        set("no value", "run.steps", "--set run.steps: ", "not of the form", "write for example"),
        set("no section", "steps=3", "--set steps=3: ", "unknown key or section 'steps'"),
        set("three parts", "a.b.c=3", "--set a.b.c=3: ", "not of the form"),
        set(
            "unknown key", "run.step=3", "--set run.step=3: ", "unknown key 'run.step'",
            "'run' knows steps, seed"),
        set(
            "unknown section", "walk.steps=3", "--set walk.steps=3: ", "unknown section 'walk'",
            "known are data"),
        set(
            "wrong type", "run.steps=many", "--set run.steps=many: ",
            "must be an integer, found 'many'"),
        set("empty value", "run.steps=", "--set run.steps=: ", "'run.steps' must be an integer"),
        set(
            "a line break", "run.steps=1\nmore", "--set run.steps=1", "must be an integer"),
        set("not YAML", "run.steps=[1", "--set run.steps=[1: ", "must be an integer", "'[1'"),
        set(
            "out of range", "model.hidden=5000", "--set model.hidden=5000: ",
            "must be an integer from 1 to 4096"),
        set(
            "impossible combination", "population.groupSize=5",
            "--set population.groupSize=5: population.groupSize: ", "not an even number"),
    ]
}
