/// The command line as the system gave it.
enum ArgumentText {
    /// Checks that every argument is valid UTF-8: the parser sees the others repaired, so that a
    /// prompt would lose bytes and a path would name nothing.
    /// - Throws: ``UsageError`` naming the flag that the argument belongs to.
    static func requireUTF8() throws(UsageError) {
        var flag = "argument 1"
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index] else { return }
            guard let text = String(validatingCString: argument) else {
                throw UsageError(
                    flag: name(ofFlagIn: String(cString: argument)) ?? flag,
                    finding: "is not valid UTF-8",
                    remedy: "pass UTF-8 text, or the bytes on standard input where '-' is allowed")
            }
            flag = name(ofFlagIn: text) ?? "argument \(index + 1)"
        }
    }

    private static func name(ofFlagIn argument: String) -> String? {
        guard argument.hasPrefix("--") else { return nil }
        return argument.split(separator: "=", maxSplits: 1).first.map(String.init)
    }
}
