/// How far a command is, on standard error: on a terminal a line that rewrites itself, elsewhere plain lines.
///
/// It belongs to one thread. All that is written while a line is shown goes through it, or comes after ``clear()``.
final class LiveLine {
    /// A part of the line.
    struct Part: Sendable {
        let text: String
        let short: String

        /// - Parameter short: what it becomes where the terminal is too narrow for all parts; an empty text leaves it out
        ///   before any other part becomes shorter.
        init(_ text: String, short: String? = nil) {
            self.text = text
            self.short = short ?? text
        }
    }

    private enum Form { case terminal, log, none }

    private let form: Form
    /// When a line was written last; at first, when the command began.
    private var written = ContinuousClock.now
    /// Whether the terminal's cursor is behind a line that will be rewritten.
    private var isOpen = false

    private static let clearLine = "\r\u{1B}[K"
    private static let clearToEnd = "\u{1B}[K"
    private static let refresh = Duration.milliseconds(100)
    /// The longest silence without a terminal: a sign of life.
    private static let silence = Duration.seconds(30)
    /// Columns that stay free: a terminal puts `^C` behind the line, and wraps one that is full.
    private static let freeColumns = 3

    /// - Parameter isQuiet: write nothing at all.
    init(isQuiet: Bool = false) {
        form = isQuiet ? .none : ErrorTerminal.canRewrite ? .terminal : .log
    }

    /// Whether the line rewrites itself.
    var isOnTerminal: Bool { form == .terminal }

    /// Whether it is time for another line: ten times a second on a terminal, every 30 seconds elsewhere.
    private var isDue: Bool {
        let elapsed = ContinuousClock.now - written
        return switch form {
        case .terminal: elapsed >= Self.refresh
        case .log: elapsed >= Self.silence
        case .none: false
        }
    }

    /// Shows how far the command is, where it is time for that.
    /// - Parameter parts: the most important first; what the terminal is too narrow for is left out from the last on.
    func update(_ parts: () -> [Part]) {
        guard isDue else { return }
        guard form == .terminal else { return stand(parts()) }
        write(line(parts()))
        isOpen = true
    }

    /// Shows the same at once, as a line that is left standing.
    func stand(_ parts: [Part]) {
        write(line(parts) + "\n")
        isOpen = false
    }

    /// Writes whole lines.
    func print(_ text: String) {
        clear()
        write(text + "\n")
    }

    /// Takes the line that rewrites itself away: the cursor is at the start of a line then.
    ///
    /// Of a line that the terminal wrapped, when it became narrower, only the last piece is taken away: some terminals cut
    /// such a line instead, and the lines above belong to others.
    func clear() {
        if isOpen { writeToStandardError(Self.clearLine) }
        isOpen = false
    }

    /// Writes a whole line in the place of one that another thread may be showing, before the process ends.
    static func replace(with text: String) {
        writeToStandardError((ErrorTerminal.canRewrite ? clearLine : "") + text + "\n")
    }

    private func write(_ text: String) {
        guard form != .none else { return }
        written = .now
        writeToStandardError(text)
    }

    private func line(_ parts: [Part]) -> String {
        guard form == .terminal else { return Self.fit(parts, columns: .max) }
        let columns = ErrorTerminal.columns - Self.freeColumns
        return "\r" + Self.fit(parts, columns: columns) + Self.clearToEnd
    }

    /// The parts as one line of at most that many columns: whole, else all of them shortened, else as many of these as fit.
    static func fit(_ parts: [Part], columns: Int) -> String {
        let all = parts.map(\.text).joined(separator: "  ")
        if all.count <= columns { return all }
        let parts = parts.filter { !$0.short.isEmpty }
        for form in [\Part.text, \Part.short] {
            let line = parts.map { $0[keyPath: form] }.joined(separator: "  ")
            if line.count <= columns { return line }
        }
        for count in stride(from: parts.count, to: 1, by: -1) {
            let line = parts.prefix(count).map(\.short).joined(separator: " ")
            if line.count <= columns { return line }
        }
        return String((parts.first?.short ?? "").prefix(max(0, columns)))
    }
}
