import IntegerTensor
import Storage

/// Where a run began or went on, and with what: a line of `machines.jsonl`.
public struct MachineRecord: Equatable, Sendable {
    /// The steps that were done before.
    public var step: Int
    /// The name of the kernel.
    public var kernel: String
    /// The threads of the first process.
    public var threads: Int
    /// The processes that shared the work.
    public var processes: Int
    /// The machine of the first process.
    public var machine: Machine

    /// Makes a record of what works from `step` on.
    public init(step: Int, kernel: String, threads: Int, processes: Int, machine: Machine) {
        self.step = step
        self.kernel = kernel
        self.threads = threads
        self.processes = processes
        self.machine = machine
    }

    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("step", .integer(step)), .init("kernel", .string(kernel)),
            .init("threads", .integer(threads)), .init("processes", .integer(processes)),
            .init("processor", .string(machine.processor)),
            .init("processors", .integer(machine.processors)),
            .init("system", .string(machine.system)),
        ]
        if let bytes = machine.memoryBytes { members.append(.init("memory", .integer(bytes))) }
        return .object(members)
    }

    /// Reads what ``json`` gave; nil for anything else.
    init?(_ json: JSONValue) {
        guard let step = json["step"]?.integer, step >= 0, let kernel = json["kernel"]?.string,
            let threads = json["threads"]?.integer, let processes = json["processes"]?.integer,
            let processor = json["processor"]?.string,
            let processors = json["processors"]?.integer, let system = json["system"]?.string
        else { return nil }
        self.init(
            step: step, kernel: kernel, threads: threads, processes: processes,
            machine: Machine(
                processor: processor, processors: processors, memoryBytes: json["memory"]?.integer,
                system: system))
    }
}

/// The append-only record of the machines of a run.
///
/// It is for whoever reads it later: nothing depends on it, so it is neither synced nor mended, and a reader passes over
/// a line that was torn.
final class MachineLog {
    private let path: String
    private let record: MachineRecord
    private var isWritten = false

    init(_ path: String, _ record: MachineRecord) {
        self.path = path
        self.record = record
    }

    /// Adds the record, once a first step was done: a run that had nothing left to do is left as it was.
    func append() throws(FileError) {
        guard !isWritten else { return }
        isWritten = true
        try OutputFile(appendingTo: path).write(record.json.text + "\n")
    }
}
