import EvolutionStrategy
import IntegerTensor
import Pretraining
import Processes
import Storage
import Synchronization
import TestSupport
import Threads
import TokenShards

/// Runs of simulated processes on a small corpus of their own.
final class SharedRun: Sendable {
    let directory: String
    private let temporary: TemporaryDirectoryBox
    private let text: String

    init(_ settings: String) throws {
        let temporary = try TemporaryDirectory()
        directory = temporary.path
        text = settings
        let text = (0..<6000).map { "\($0 * 7919 % 1009) " }.joined()
        let plan = CorpusPlan(
            inputs: [try temporary.write("text", text)],
            validation: .inputs([try temporary.write("other", "\(text.suffix(2000))")]))
        var tokenizer = CorpusTokenizer(
            plan, into: try StagedDataset(temporary.file("shards"), replacing: false))
        _ = try tokenizer.run()
        self.temporary = TemporaryDirectoryBox(temporary)
    }

    func path(_ name: String) -> String { Paths.join(directory, name) }

    func config(_ overrides: [String] = []) throws -> RunConfig {
        let file = path("\(UInt64.random(in: 0 ... .max)).yaml")
        try AtomicFile.write(Array(text.utf8), to: file)
        return try RunConfig(file: file, overrides: ["data.shards=\(path("shards"))"] + overrides)
    }

    /// Trains on `count` processes and stops after `stop` steps.
    /// - Parameters:
    ///   - threads: The threads of each process; rank r has r % 2 + 1 where it is nil.
    ///   - oddOne: A process with another run directory; of a run that is continued, without `resume`.
    /// - Returns: the error of each process.
    func train(
        _ output: String, processes count: Int, threads: Int? = nil, stop: Int = .max,
        resume: Bool = false,
        sharing: WorkSharing = WorkSharing(update: .never),
        oddOne: Int? = nil, overrides: @escaping @Sendable (Int) -> [String] = { _ in [] }
    ) -> [(any Error)?] {
        together(count) { process in
            let isOdd = process.rank == oddOne
            let trainer = try Trainer(
                config: try self.config(overrides(process.rank)),
                output: self.path(isOdd && !resume ? output + "-other" : output),
                resume: resume && !isOdd, kernel: try Kernel.named("auto"),
                threads: threads ?? process.rank % 2 + 1,
                processes: process, sharing: sharing)
            try trainer.run(diagnosticsEvery: 3, shouldStop: { trainer.step == stop })
        }
    }
}

/// Gives each of `count` processes a thread and waits for them.
/// - Returns: what each of them threw.
func together(
    _ count: Int, _ body: @escaping @Sendable (any ProcessGroup) throws -> Void
) -> [(any Error)?] {
    let errors = ErrorList(count)
    let threads = SimulatedProcess.group(count).compactMap { process in
        try? BackgroundThread("process") {
            do { try body(process) } catch { errors.list.withLock { $0[process.rank] = error } }
        }
    }
    precondition(threads.count == count, "the system refuses threads")
    for thread in threads { thread.join() }
    return errors.list.withLock { $0 }
}

private final class ErrorList: Sendable {
    let list: Mutex<[(any Error)?]>
    init(_ count: Int) { list = Mutex([(any Error)?](repeating: nil, count: count)) }
}

/// Keeps a directory until the end of a test.
private final class TemporaryDirectoryBox: @unchecked Sendable {
    private let directory: TemporaryDirectory
    init(_ directory: TemporaryDirectory) { self.directory = directory }
}
