import EvolutionStrategy
import Processes
import Storage

/// What the processes of a run must have in common. Everything here is collective.
enum RunAgreement {
    /// The settings that say where things are, not what they are.
    private static let places = ["data.shards", "run.init"]

    /// Checks that all processes were started alike.
    /// - Throws: `SharedFailure` naming the first process with another program, setting or run directory.
    static func check(
        _ config: RunConfig, output: String, resume: Bool, _ processes: any ProcessGroup
    ) throws {
        guard processes.count > 1 else { return }
        let program = try processes.together { try programDigest() }
        let settings = config.settings.filter { !places.contains($0.path) }
        try processes.requireSame(
            [
                ("the program's hash", program), ("the run directory", output),
                ("--resume", resume ? "given" : "not given"),
            ] + settings.map { ($0.path, $0.value) })
    }

    /// XXH64 of the binary that runs, or `unknown` where the system does not show it.
    private static func programDigest() throws -> String {
        let path = "/proc/self/exe"
        guard try Files.kind(path) != nil else { return "unknown" }
        return XXH64.hex(try XXH64.hash(ofFile: path))
    }

    /// Checks that all processes would train the same.
    /// - Throws: `SharedFailure` naming the first process that would train something else.
    static func check(
        dataIdentity: UInt64, weights: UInt64, step: Int, sharing: WorkSharing,
        _ processes: any ProcessGroup
    ) throws {
        try processes.requireSame([
            ("the hash of the training tokens", XXH64.hex(dataIdentity)),
            ("the step to continue after", "\(step)"),
            ("the hash of the weights", XXH64.hex(weights)),
            ("the sharing of the update", sharing.update.rawValue),
            ("the steps between looks at speed", "\(sharing.rebalanceEvery)"),
        ])
    }
}

extension Trainer {
    /// What the run continues from, the same in all processes: the first one finds the newest sound
    /// checkpoint, the others read it. Whether there is a run to continue only the first process has to know.
    static func agreedStart(
        _ config: RunConfig, _ directory: RunDirectory, continues: Bool, dataIdentity: String,
        _ processes: any ProcessGroup
    ) throws -> Start? {
        let found = try processes.together {
            processes.isFirst && continues
                ? try start(config, directory, dataIdentity: dataIdentity) : nil
        }
        guard processes.count > 1 else { return found }
        let steps = processes.broadcast(found.map { "\($0.state.step)" } ?? "")
        guard let step = Int(steps) else { return nil }
        return try processes.together {
            try found ?? load(config, directory, step: step, dataIdentity: dataIdentity)
        }
    }
}
