import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// Remembers SIGINT, SIGTERM and SIGHUP, so that the step that runs can be finished and saved.
struct SignalFlag {
    private static let caught = Atomic<Int32>(0)
    private static let takesHangup = Atomic<Bool>(false)

    /// The first signal that came; nil before.
    var received: Int32? {
        let number = Self.caught.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Takes over the signals. A second one of any kind ends the process at once.
    ///
    /// SIGHUP stays ignored in a process that was started so: `nohup` asks for that.
    static func install() -> SignalFlag {
        caught.store(0, ordering: .relaxed)  // makes it exist before a handler can run
        let takesHangup = !isIgnored(SIGHUP)
        Self.takesHangup.store(takesHangup, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] + (takesHangup ? [SIGHUP] : []) {
            signal(number) { number in
                _ = SignalFlag.caught.compareExchange(
                    expected: 0, desired: number, ordering: .relaxed)
                signal(SIGINT, SIG_DFL)
                signal(SIGTERM, SIG_DFL)
                if SignalFlag.takesHangup.load(ordering: .relaxed) { signal(SIGHUP, SIG_DFL) }
            }
        }
        return SignalFlag()
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Glibc)
            let handler = action.__sigaction_handler.sa_handler
        #elseif canImport(Darwin)
            let handler = action.__sigaction_u.__sa_handler
        #elseif canImport(Musl)
            let handler = action.__sa_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
