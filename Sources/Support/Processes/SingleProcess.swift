import CLibrary
import Diagnostics

/// A process on its own: it has all parts, and waits for nobody.
public final class SingleProcess: ProcessGroup {
    /// The only rank.
    public let rank = 0
    /// One process.
    public let count = 1
    /// The name that messages give this machine.
    public let host = "localhost"

    /// Makes a group of this process alone.
    public init() {}

    /// The part of this process.
    public func allGather(_ part: [UInt8], sizes: [Int]) -> [UInt8] { part }
    /// The part of this process.
    public func gather(_ part: [UInt8], sizes: [Int]) -> [UInt8] { part }
    /// The bytes themselves.
    public func broadcast(_ bytes: [UInt8]) -> [UInt8] { bytes }
    /// Leaves the values as they are: each is its own sum.
    public func sum(_ values: UnsafeMutableBufferPointer<Int32>) {}
    /// Does nothing.
    public func finish() {}

    /// Prints the message and ends the process with code 1.
    public func abort(_ message: String) -> Never {
        LastWords.write(message)
        exit(1)
    }
}

/// Prints the message of a process that ends the others.
enum LastWords {
    static func write(_ message: String) {
        _ = Array("error: \(message.asPlainLine)\n".utf8).withUnsafeBytes { writeWhole($0, to: 2) }
    }
}
