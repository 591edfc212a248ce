import CLibrary

/// The terminal that standard error goes to.
enum ErrorTerminal {
    private static let usualColumns = 80

    /// Whether there is one whose lines can be rewritten: a `dumb` one is as none.
    static var canRewrite: Bool { isatty(2) == 1 && variable("TERM") != "dumb" }

    /// Its width now: it may change at any time. Where it does not tell, that of $COLUMNS, else 80.
    static var columns: Int {
        var size = winsize()
        #if canImport(Glibc)
            let answer = ioctl(2, UInt(TIOCGWINSZ), &size)
        #else
            let answer = ioctl(2, TIOCGWINSZ, &size)
        #endif
        if answer == 0 && size.ws_col > 0 { return Int(size.ws_col) }
        guard let columns = variable("COLUMNS").flatMap({ Int($0) }), columns > 0 else {
            return usualColumns
        }
        return columns
    }

    /// Whether the locale is one of UTF-8, so that more than ASCII can be shown.
    static var showsUnicode: Bool {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        let locale = names.lazy.compactMap { variable($0) }.first { !$0.isEmpty } ?? ""
        let letters = locale.lowercased().filter { $0 != "-" }
        return letters.hasSuffix("utf8") || letters.contains("utf8@")
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
