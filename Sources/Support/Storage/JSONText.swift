/// The text that a ``JSONReader`` reads, and the place in it: all of it is in memory, or a window of it that moves on.
///
/// The text is a whole document, or the line at hand of a text in lines: then a line feed ends it.
struct JSONText {
    /// A place, counted from the text's start.
    struct Place {
        var bytes: Int
        var characters: Int
    }

    /// The bytes at hand, of which those before `index` were read.
    private(set) var window: UnsafeRawBufferPointer
    private(set) var index = 0
    /// The index of the text's first byte; below 0 once the window has moved on from it.
    private var start = 0
    /// The bytes since the text's start that continue a character.
    private var continuations = 0
    private let isLine: Bool
    /// The memory that the window lies in, and what puts more of the text there; nil where nothing follows.
    private let buffer: UnsafeMutableRawBufferPointer
    private let read: ((UnsafeMutableRawBufferPointer) throws -> Int)?
    private var isAtEnd: Bool

    /// A whole document in memory.
    init(whole bytes: UnsafeRawBufferPointer) {
        window = bytes
        isLine = false
        buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        read = nil
        isAtEnd = true
    }

    /// The first line of a text that `read` gives, a part at a time and 0 bytes at its end, into `buffer`.
    init(
        lines buffer: UnsafeMutableRawBufferPointer,
        read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
    ) {
        window = UnsafeRawBufferPointer(rebasing: buffer[..<0])
        isLine = true
        self.buffer = buffer
        self.read = read
        isAtEnd = false
    }

    /// What an error calls the text.
    var name: String { isLine ? "line" : "text" }

    static let lineFeed = UInt8(ascii: "\n")

    /// The next byte, or nil at the end of the text.
    @inline(__always) var next: UInt8? {
        mutating get throws {
            if index == window.count, try !fill(atLeast: 1) { return nil }
            let byte = window[index]
            return byte == Self.lineFeed && isLine ? nil : byte
        }
    }

    /// Passes over bytes at hand, each of which is a character.
    @inline(__always) mutating func advance(by count: Int = 1) { index += count }

    /// Passes over bytes at hand, of which `continuations` continue a character.
    @inline(__always) mutating func advance(by count: Int, continuations: Int) {
        index += count
        self.continuations += continuations
    }

    var place: Place {
        Place(bytes: index - start, characters: index - start - continuations)
    }

    /// Has `count` bytes at hand, or all that are left where there are fewer.
    /// - Returns: Whether there are so many.
    mutating func fill(atLeast count: Int) throws -> Bool {
        guard let read, !isAtEnd, window.count - index < count else {
            return window.count - index >= count
        }
        let unread = UnsafeRawBufferPointer(rebasing: window[index...])
        buffer.copyMemory(from: unread)
        start -= index
        index = 0
        var held = unread.count
        while held < count && !isAtEnd {
            let added = try read(UnsafeMutableRawBufferPointer(rebasing: buffer[held...]))
            isAtEnd = added == 0
            held += added
        }
        window = UnsafeRawBufferPointer(rebasing: buffer[..<held])
        return held >= count
    }

    // MARK: Lines

    /// Passes over what is left of the line, and its end.
    mutating func endLine() throws {
        while try fill(atLeast: 1) {
            let rest = UnsafeRawBufferPointer(rebasing: window[index...])
            if let place = rest.firstPlace(of: Self.lineFeed) {
                index += place + 1
                break
            }
            index = window.count
        }
        beginLine()
    }

    /// Takes what comes next for the first byte of a line.
    mutating func beginLine() {
        start = index
        continuations = 0
    }
}
