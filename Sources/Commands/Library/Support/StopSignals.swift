import CLibrary

/// The signals that ask a command to end, and that it takes over to do so in good order.
enum StopSignals {
    /// The signals of a person or a system that wants the process to end now.
    static var requests: [Int32] { [SIGINT, SIGTERM] + [SIGHUP].filter { !isIgnored($0) } }

    /// The signals that come before the end of the time that a batch system (SIGUSR1, as Slurm's `--signal` asks for) or
    /// a limit of processor time (SIGXCPU, which then comes every second) grants.
    static var warnings: [Int32] { [SIGUSR1, SIGXCPU].filter { !isIgnored($0) } }

    /// Whether the process was started so that a signal does nothing, as by `nohup`: that is to stay so.
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
