import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// Remembers SIGINT and SIGTERM, so that the step that runs can be finished and saved.
struct SignalFlag {
    private static let caught = Atomic<Int32>(0)

    /// The first signal that came; nil before.
    var received: Int32? {
        let number = Self.caught.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Takes over both signals. A second one of either kind ends the process at once.
    static func install() -> SignalFlag {
        caught.store(0, ordering: .relaxed)  // makes it exist before a handler can run
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                _ = SignalFlag.caught.compareExchange(
                    expected: 0, desired: number, ordering: .relaxed)
                signal(SIGINT, SIG_DFL)
                signal(SIGTERM, SIG_DFL)
            }
        }
        return SignalFlag()
    }
}
