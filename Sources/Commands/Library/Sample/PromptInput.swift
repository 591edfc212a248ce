import Storage

/// Prompts from standard input: all of it, or a line at a time.
struct PromptInput {
    /// More than any model here can make use of.
    private static let limit = 64 << 20

    private let flag: String
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)
    /// Read and not handed out yet.
    private var rest: [UInt8] = []
    private var isAtEnd = false

    /// - Parameter flag: what errors name.
    init(flag: String) { self.flag = flag }

    /// Everything to the end.
    mutating func readAll() throws -> [UInt8] {
        while try fill() {}
        return rest
    }

    /// The next line, without its line feed; nil at the end.
    mutating func readLine() throws -> [UInt8]? {
        var searched = 0
        while true {
            if let end = rest[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest.removeSubrange(...end) }
                return Array(rest[..<end])
            }
            searched = rest.count
            guard try fill() else { break }
        }
        defer { rest = [] }
        return rest.isEmpty ? nil : rest
    }

    /// - Returns: false at the end.
    private mutating func fill() throws -> Bool {
        guard !isAtEnd else { return false }
        let count = try InputFile.standardInput.readNext(into: &chunk)
        isAtEnd = count == 0
        rest += chunk[..<count]
        guard rest.count <= Self.limit else {
            throw UsageError(
                flag: flag, finding: "standard input holds more than \(Self.limit) bytes",
                remedy: "pass a shorter text")
        }
        return !isAtEnd
    }
}
