import Storage

/// The bytes of an input as they are stored, a buffer at a time.
final class RawInput {
    let file: InputFile
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)
    private var unread = 0..<0
    /// The bytes of the file that were read so far.
    private(set) var bytesRead = 0
    private(set) var isAtEnd = false

    init(_ file: InputFile) { self.file = file }

    deinit { buffer.deallocate() }

    /// The bytes read but not consumed.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[unread]) }

    /// Reads until `count` bytes are unread or the input ends; an unread rest must be shorter.
    /// - Returns: Whether any bytes are unread.
    /// - Precondition: Nothing was consumed yet, or nothing is unread.
    func fill(atLeast count: Int = 1) throws(FileError) -> Bool {
        if unread.isEmpty { unread = 0..<0 }
        while unread.count < count && !isAtEnd {
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[unread.upperBound...])
            let added = try file.readNext(into: room)
            if added == 0 { isAtEnd = true }
            bytesRead += added
            unread = unread.lowerBound..<unread.upperBound + added
        }
        return !unread.isEmpty
    }

    /// Puts bytes at the start of `output`, the unread ones or, without a copy, those that come next in the file.
    /// - Returns: How many, 0 at the end.
    func read(into output: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        guard unread.isEmpty, !isAtEnd, output.count >= buffer.count / 2 else {
            guard try fill() else { return 0 }
            let count = min(unread.count, output.count)
            output.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            consume(count)
            return count
        }
        let count = try file.readNext(into: output)
        bytesRead += count
        isAtEnd = count == 0
        return count
    }

    func consume(_ count: Int) {
        unread = unread.lowerBound + count..<unread.upperBound
    }
}
