import CLibrary

/// A terminal that commands write to, and what would be seen on it.
final class TestTerminal {
    /// What a command opens.
    let path: String
    private let master: Int32
    /// Kept open: a terminal that nobody has open forgets what was written.
    private let slave: Int32
    /// All that was written so far.
    private(set) var bytes: [UInt8] = []

    struct Unavailable: Error {}

    init(columns: Int) throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        guard master >= 0, let path = Self.unlockedSlave(of: master) else { throw Unavailable() }
        self.path = path
        slave = open(path, O_RDWR | O_NOCTTY)
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        resize(columns: columns)
    }

    /// The name of the terminal that a master controls, which may be opened then.
    private static func unlockedSlave(of master: Int32) -> String? {
        #if os(Linux)
            // TIOCSPTLCK and TIOCGPTN, whose numbers are macros.
            var (locked, number): (Int32, UInt32) = (0, 0)
            guard ioctl(master, UInt(0x4004_5431), &locked) == 0,
                ioctl(master, UInt(0x8004_5430), &number) == 0
            else { return nil }
            return "/dev/pts/\(number)"
        #else
            guard grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else {
                return nil
            }
            return String(cString: name)
        #endif
    }

    deinit {
        close(slave)
        close(master)
    }

    func resize(columns: Int) {
        var size = winsize()
        size.ws_col = UInt16(columns)
        size.ws_row = 24
        #if canImport(Glibc)
            _ = ioctl(master, UInt(TIOCSWINSZ), &size)
        #else
            _ = ioctl(master, TIOCSWINSZ, &size)
        #endif
    }

    /// Takes what was written meanwhile.
    func take() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(master, &chunk, chunk.count)
            guard count > 0 else { return }
            bytes += chunk[..<count]
        }
    }

    /// As someone who holds Ctrl and presses C: the terminal shows `^C`.
    func typeInterrupt() { _ = write(master, [3], 1) }

    var text: String {
        take()
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What is to be seen with that many columns: a terminal wraps lines that are longer.
    func rows(columns: Int) -> [String] {
        var rows: [[Character]] = [[]]
        var column = 0
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\r": column = 0
            case "\n": rows.append([])
            case "\u{1B}":
                // `[K` alone is used: it takes away what is from the cursor on.
                rest = rest.dropFirst(2)
                rows[rows.count - 1] = Array(rows[rows.count - 1].prefix(column))
            default:
                if column == columns {
                    rows.append([])
                    column = 0
                }
                var row = rows[rows.count - 1]
                while row.count <= column { row.append(" ") }
                row[column] = Character(scalar)
                rows[rows.count - 1] = row
                column += 1
            }
        }
        return rows.map { String($0) }
    }
}
