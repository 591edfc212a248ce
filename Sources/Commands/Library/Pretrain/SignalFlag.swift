import CLibrary
import Synchronization

/// Remembers a signal that asks for the end, so that the step that runs can be finished and saved.
struct SignalFlag {
    private static let caught = Atomic<Int32>(0)
    private static let takesHangup = Atomic<Bool>(false)

    /// The first signal that came; nil before.
    var received: Int32? {
        let number = Self.caught.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Takes over the signals of ``StopSignals``. After the first of any kind, a second request ends the process at once, and
    /// a second warning does nothing.
    static func install() -> SignalFlag {
        caught.store(0, ordering: .relaxed)  // makes it exist before a handler can run
        takesHangup.store(StopSignals.requests.contains(SIGHUP), ordering: .relaxed)
        for number in StopSignals.requests {
            signal(number) { number in SignalFlag.take(number) }
        }
        for number in StopSignals.warnings {
            signal(number) { number in
                signal(number, SIG_IGN)
                SignalFlag.take(number)
            }
        }
        return SignalFlag()
    }

    /// Notes the signal. It does only what a signal handler may do.
    private static func take(_ number: Int32) {
        _ = caught.compareExchange(expected: 0, desired: number, ordering: .relaxed)
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
        if takesHangup.load(ordering: .relaxed) { signal(SIGHUP, SIG_DFL) }
    }
}
