import Checkpoints
import Diagnostics
import EvolutionStrategy
import Journal
import Storage

/// A run as its files tell of it. Reading it writes nothing, and a run that goes on meanwhile is not disturbed.
public struct RecordedRun: Sendable {
    /// The run directory.
    public let directory: String
    /// The resolved config.
    public let config: RunConfig
    /// The figures of the steps; without points where they could not be read.
    public let curve: RunCurve
    /// Where the run was trained, in the order of time.
    public let machines: [MachineRecord]
    /// The hashes that say what the run depends on; nil where the journal could not be read.
    public let origin: Origin?
    /// The checkpoints that are there, the oldest first.
    public let checkpoints: [Checkpoint]
    /// The newest model; nil where there is none that can be read.
    public let newest: Model?
    /// What is missing or damaged, one sentence each.
    public let notices: [String]

    /// The hashes that say what a run depends on, each of 16 hexadecimal digits.
    public struct Origin: Sendable {
        /// That of the settings that shape the weights.
        public let config: String
        /// That of the training tokens.
        public let text: String
        /// That of the weights that the journal begins with.
        public let initialWeights: String
    }

    /// A checkpoint of a run.
    public struct Checkpoint: Sendable {
        /// The steps done.
        public let step: Int
        /// The path of its model.
        public let model: String
    }

    /// What there is to say of a model.
    public struct Model: Sendable {
        /// The steps done.
        public let step: Int
        /// The hash of the weights, as `pretrain` prints it.
        public let weightsHash: String
    }

    /// Reads a run.
    /// - Throws: `FileError` where the directory holds none or cannot be read, or the error of a config that cannot be
    ///   used. What else is missing or damaged is told by ``notices``.
    public init(_ directory: String, registry: MethodRegistry = .standard) throws {
        guard try RunFiles.isRun(directory) else {
            throw FileError(
                directory, "is not a run directory",
                remedy: "name a directory that pretrain has written")
        }
        let files = RunDirectory(path: directory)
        var notices: [String] = []
        /// The result of `body`, or nil and a notice.
        func tolerate<Result>(_ body: () throws -> Result) throws -> Result? {
            do { return try body() } catch let error as any UserError {
                notices.append("\(error.location): \(error.finding)")
                return nil
            }
        }
        self.directory = directory
        config = try RunConfig(file: files.config, registry: registry)
        curve = try tolerate { try RunCurve(of: files.metrics) } ?? RunCurve()
        if let damage = curve.damage {
            notices.append(
                "\(files.metrics): \(damage.lines.counted("line")) could not be read, the first is"
                    + " line \(damage.first)")
        }
        machines = try tolerate { try Self.machines(files.machines) } ?? []
        origin = try tolerate { Origin(try JournalReader(files.journal).header) }
        checkpoints = try files.steps().map {
            Checkpoint(
                step: $0, model: Paths.join(files.checkpoint(step: $0), ModelCheckpoint.fileName))
        }
        newest = try checkpoints.last.flatMap { last in
            try tolerate { Model(try ModelCheckpoint.read(last.model)) }
        }
        if checkpoints.isEmpty { notices.append("\(directory): there is no checkpoint yet") }
        self.notices = notices
    }

    private static func machines(_ path: String) throws(FileError) -> [MachineRecord] {
        guard try Files.kind(path) != nil else { return [] }  // the run is of an older version
        var lines = try LogLines(path)
        var records: [MachineRecord] = []
        while let line = try lines.next() {
            if let record = line.value.flatMap(MachineRecord.init) { records.append(record) }
        }
        return records
    }
}

extension RecordedRun.Origin {
    fileprivate init(_ header: JournalHeader) {
        config = XXH64.hex(header.configIdentity)
        text = XXH64.hex(header.dataIdentity)
        initialWeights = XXH64.hex(header.initialWeights)
    }
}

extension RecordedRun.Model {
    fileprivate init(_ checkpoint: ModelCheckpoint) {
        step = checkpoint.step
        weightsHash = checkpoint.parameters.weightsHash
    }
}
