import CLibrary
import Checkpoints
import RecurrentLM
import Storage
import Testing

/// Limits that a shell, a batch system or a container sets.
@Suite struct LimitTests {
    @Test(arguments: [("-v", "address space"), ("-d", "data segment")])
    func aModelBeyondALimitOfMemoryIsRefused(_ flag: String, name: String) throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let arguments = workspace.trainingArguments(
            "run", set: ["model.hidden=2048", "model.layers=4"])
        let result = try workspace.run(.pretrain, arguments, after: "ulimit \(flag) 600000")
        expectError(
            result, code: 1,
            [
                "model and population: need at least", "of the \(name) is 614 MB (ulimit \(flag))",
                "use a smaller model", "or raise the limit (ulimit \(flag))",
            ])
        #expect(try workspace.list(".") == ["run.yaml", "shards"])
    }

    /// Whatever the limit: the run is refused, or it has room to its end.
    @Test(
        arguments: ["-v", "-d"],
        [
            (tinyConfig, 320), (tinyActivationsConfig, 320), (tinyContextsConfig, 760),
            (tinyCreditsConfig, 320),
        ])
    func noLimitOfMemoryCrashesARun(_ flag: String, _ test: (config: String, most: Int)) throws {
        let workspace = try Workspace()
        try workspace.prepareRun(config: test.config)
        try expectRoomOrRefusal(.pretrain, in: workspace, flag, upTo: test.most) { megabytes in
            workspace.trainingArguments("run\(megabytes)") + ["--threads", "3"]
        }
    }

    /// Runs a command under rising limits from 80 MB on: each run is refused or ends well, and both occur.
    private func expectRoomOrRefusal(
        _ command: BuiltCommand, in workspace: Workspace, _ flag: String, upTo most: Int,
        _ arguments: (_ megabytes: Int) -> [String]
    ) throws {
        var codes: Set<Int32> = []
        for megabytes in stride(from: 80, through: most, by: 20) {
            let result = try workspace.run(
                command, arguments(megabytes), after: "ulimit \(flag) \(megabytes * 1000)")
            // 127: the limit is so low that the system cannot load the command.
            let isRefused = result.code == 1 && result.errors.contains("(ulimit \(flag))")
            #expect(
                result.code == 0 || isRefused || result.code == 127,
                "\(megabytes) MB: \(result.code) \(result.errors)")
            codes.insert(result.code)
        }
        #expect(codes.isSuperset(of: [0, 1]))
    }

    @Test func streamsBeyondALimitOfMemoryAreRefused() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let sizes = ["model.hidden=512", "model.mlpWidth=2048"]
        expectSuccess(try workspace.train("run", set: sizes + ["run.steps=1"]))
        let arguments = ["--checkpoint", "run", "--data", "shards", "--split", "train"]
        let evaluate = { (streams: String, kilobytes: Int) in
            try workspace.run(
                .evaluate, arguments + ["--streams", streams, "--threads", "2"],
                after: "ulimit -v \(kilobytes)")
        }
        expectError(
            try evaluate("20000", 300_000), code: 1,
            ["streams: 20000 of them take at least", "use fewer, or raise the limit (ulimit -v)"])
        expectSuccess(try evaluate("8", 300_000))
    }

    @Test func aModelBeyondALimitOfMemoryIsNotRead() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        expectSuccess(
            try workspace.train(
                "run", set: ["model.hidden=1024", "run.steps=1", "population.size=2"]))
        try expectRoomOrRefusal(.sample, in: workspace, "-v", upTo: 240) { _ in
            ["--checkpoint", "run", "--tokens", "3", "--threads", "1"]
        }
    }

    /// A file of few bytes may say that its model has a table of 4 GiB.
    @Test(arguments: ["-v", "-d"])
    func aTableOfContextsBeyondALimitOfMemoryIsNotRead(_ flag: String) throws {
        let workspace = try Workspace()
        let path = workspace["model.safetensors"]
        let config = ModelConfig(
            hidden: 8, layers: 1, mlpWidth: 0, contexts: [.word], contextRows: 256)
        try ModelCheckpoint(
            parameters: Parameters(config: config, seed: 1), tokenizer: "bytes", step: 0, seed: 0
        ).write(to: path)
        var file = try SafetensorsFile.read(path)
        let most = ModelConfig.contextRowRange.upperBound
        file.metadata["context_rows"] = "\(most)"
        try file.write(to: path)
        let result = try workspace.run(
            .sample, ["--checkpoint", "model.safetensors", "--threads", "1"],
            after: "ulimit \(flag) 1000000")
        expectError(
            result, code: 1,
            [
                "model.safetensors: tensor 'contexts': takes at least 4.", "GB of memory",
                "(ulimit \(flag))", "use a model with fewer rows",
            ])
    }

    @Test func aLimitOfFileSizesIsReported() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let arguments = workspace.trainingArguments("run", set: ["model.hidden=64"])
        expectError(
            try workspace.run(.pretrain, arguments, blocksOfFiles: 16), code: 1,
            ["run/", "cannot write: file too large", "raise the limit of file sizes (ulimit -f)"])
    }

    @Test func aShellMayLeaveOneProcessor() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        guard try Files.kind("/usr/bin/taskset") != nil else { return }
        let result = try workspace.run(
            .pretrain, workspace.trainingArguments("run"), after: "exec taskset -c 0 \"$@\"")
        #expect(result.progress.contains(", 1 thread, 1 process"))
    }

    /// In a control group of its own, where the tests may make one: as root outside of any container.
    @Test(.enabled(if: Self.processorGroups != nil, "control groups cannot be made here"))
    func aControlGroupGrantsProcessors() throws {
        let workspace = try Workspace()
        try workspace.prepareRun()
        let group = Paths.join(
            try #require(Self.processorGroups), "swift-egg-test-\(UInt32.random(in: 0 ... .max))")
        try #require(mkdir(group, 0o755) == 0)
        defer { rmdir(group) }
        let result = try workspace.run(
            .pretrain, workspace.trainingArguments("run"),
            after: "echo 100000 >\(group)/cpu.cfs_period_us; echo 60000 >\(group)/cpu.cfs_quota_us"
                + "; echo $$ >\(group)/cgroup.procs")
        #expect(result.progress.contains(", 1 thread, 1 process"), "\(result.standardError)")
    }

    /// The directory of the first version's groups of processors, where this process is in their root and may make others.
    private static let processorGroups: String? = {
        let directory = "/sys/fs/cgroup/cpu"
        let membership = (try? Files.read("/proc/self/cgroup", atMost: 1 << 16)) ?? []
        let isInRoot = String(decoding: membership, as: UTF8.self).contains(#/(?m)^\d+:cpu:/$/#)
        guard isInRoot, access(directory + "/cpu.cfs_quota_us", W_OK) == 0 else { return nil }
        return directory
    }()
}
