/// The help of a command, as a terminal shows it.
enum HelpText {
    /// The parser wraps everything but the line that shows how the command is used.
    private static let usage = "USAGE: "
    private static let width = 80

    /// The text with that line wrapped, and with examples that call the commands as this process was called.
    static func shown(_ text: String) -> String {
        let text = wrapped(text)
        return Egg.isRunning ? throughEgg(text) : text
    }

    // MARK: Examples

    private static let examples = "EXAMPLES"

    /// The text with `egg` before each command of its examples: at the start of a line, and behind a pipe.
    static func throughEgg(_ text: String) -> String {
        var isExample = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line == examples { isExample = true }
            if line.isEmpty { isExample = false }
            return isExample ? exampleThroughEgg(line) : String(line)
        }.joined(separator: "\n")
    }

    private static func exampleThroughEgg(_ line: Substring) -> String {
        var isCommand = true
        return line.split(separator: " ", omittingEmptySubsequences: false).map { word in
            guard !word.isEmpty else { return "" }
            defer { isCommand = word == "|" }
            let isOurs = isCommand && ToolkitCommand(rawValue: String(word)) != nil
            return isOurs ? "\(Egg.name) \(word)" : String(word)
        }.joined(separator: " ")
    }

    // MARK: Usage

    /// The text with that line wrapped between options.
    private static func wrapped(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix(usage) && line.count > width ? wrappedUsage(line) : String(line)
        }.joined(separator: "\n")
    }

    private static func wrappedUsage(_ line: Substring) -> String {
        let indent = String(repeating: " ", count: usage.count)
        var lines: [String] = []
        for part in parts(of: line) {
            if let last = lines.last, last.count + 1 + part.count <= width {
                lines[lines.count - 1] = "\(last) \(part)"
            } else {
                lines.append(lines.isEmpty ? part : indent + part)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// `[--set <key=value> ...]` and the like stay whole, as does an option with its value.
    private static func parts(of line: Substring) -> [String] {
        var parts: [String] = []
        var depth = 0
        for word in line.split(separator: " ") {
            let isValue = word.hasPrefix("<") && parts.last?.hasPrefix("-") == true
            if depth > 0 || isValue, let last = parts.popLast() {
                parts.append("\(last) \(word)")
            } else {
                parts.append(String(word))
            }
            depth += word.count { $0 == "[" } - word.count { $0 == "]" }
        }
        return parts
    }
}
