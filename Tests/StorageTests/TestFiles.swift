import CLibrary
import Storage
import TestSupport
import Testing

extension TemporaryDirectory {
    /// Makes a file whose name is not UTF-8 and gives its path, ending with NUL. ``Files`` cannot remove
    /// it: the test does.
    func makeUnreadableName() throws -> [CChar] {
        let name = path.utf8.map { CChar(bitPattern: $0) } + [0x2F, CChar(bitPattern: 0xFF), 0]
        let descriptor = open(name, O_WRONLY | O_CREAT, 0o600)
        try #require(descriptor >= 0)
        close(descriptor)
        return name
    }
}

/// Removes a file that ``Files`` has no name for.
func removeUnreadable(_ name: [CChar]) { unlink(name) }

func text(_ path: String) throws -> String {
    String(decoding: try Files.read(path, atMost: 1 << 20), as: UTF8.self)
}
