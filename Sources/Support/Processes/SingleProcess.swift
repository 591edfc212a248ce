import CLibrary
import Diagnostics

/// A process on its own: has all parts, and waits for nobody.
public final class SingleProcess: ProcessGroup {
    public let rank = 0
    public let count = 1
    public let host = "localhost"

    public init() {}

    public func allGather(_ part: [UInt8], sizes: [Int]) -> [UInt8] { part }
    public func gather(_ part: [UInt8], sizes: [Int]) -> [UInt8] { part }
    public func broadcast(_ bytes: [UInt8]) -> [UInt8] { bytes }
    public func sum(_ values: UnsafeMutableBufferPointer<Int32>) {}
    public func finish() {}

    public func abort(_ message: String) -> Never {
        LastWords.write(message)
        exit(1)
    }
}

/// The message of a process that ends the others.
enum LastWords {
    static func write(_ message: String) {
        _ = Array("error: \(message.asPlainLine)\n".utf8).withUnsafeBytes { writeWhole($0, to: 2) }
    }
}
