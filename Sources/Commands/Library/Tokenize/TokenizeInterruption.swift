import CLibrary
import Synchronization
import Threads
import TokenShards

/// Ends the command on a signal that asks for it with nothing half-made left behind.
///
/// A thread waits for the signals, so that they work also while a read of standard input waits.
enum TokenizeInterruption {
    private static let received = Atomic<Int32>(0)

    /// 128 + the signal that arrived, or nil: an error may then be only its consequence.
    static var exitCode: Int32? {
        let signal = received.load(ordering: .acquiring)
        return signal == 0 ? nil : CommandExit.signal(signal)
    }

    /// Holds the signals back until ``watch(_:)``. Call before any thread is started.
    static func block() {
        var signals = signalSet
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Abandons `dataset` and ends the process when a signal arrives before it is published.
    static func watch(_ dataset: StagedDataset) throws {
        _ = try BackgroundThread("signals") {
            var signals = signalSet
            var signal: Int32 = 0
            guard sigwait(&signals, &signal) == 0 else { return }
            received.store(signal, ordering: .releasing)
            guard dataset.abandon() else { return }  // complete: the command ends by itself
            LiveLine.replace(with: "interrupted: nothing was written")
            _exit(CommandExit.signal(signal))
        }
    }

    private static var signalSet: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in StopSignals.requests + StopSignals.warnings { sigaddset(&signals, signal) }
        return signals
    }
}
