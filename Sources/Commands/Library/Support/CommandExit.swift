/// Exit codes of every command: 64 for a usage error (as in sysexits.h), 1 for anything else.
enum CommandExit {
    static let failure: Int32 = 1
    static let usage: Int32 = 64
    /// The code of a process that a signal ended, as shells number it: 130 for SIGINT, 143 for SIGTERM.
    static func signal(_ number: Int32) -> Int32 { 128 + number }
}
