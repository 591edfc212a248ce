import Storage

/// Reads the files in which Linux tells of a process and its limits. Where there is none of them, as on other systems,
/// nothing is known and nothing is limited.
public struct SystemFiles: Sendable {
    /// What stands before every path: nothing, except in tests.
    private let root: String

    /// More bytes than the mounts of a crowded host take.
    private static let longestFile = 1 << 24

    /// Reads the files below `root`, which is empty for those of the system.
    public init(root: String = "") { self.root = root }

    func text(_ path: String) -> String? {
        guard let bytes = try? Files.read(root + path, atMost: Self.longestFile) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    func lines(_ path: String) -> [Substring] { text(path)?.split(separator: "\n") ?? [] }

    /// The words of a file of one line.
    func words(_ path: String) -> [Substring] {
        text(path)?.split(whereSeparator: \.isWhitespace) ?? []
    }

    func isDirectory(_ path: String) -> Bool {
        (try? Files.kind(root + path)) == .directory
    }
}
