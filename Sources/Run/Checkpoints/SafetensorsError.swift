import Diagnostics
import Storage

/// A safetensors file that cannot be read, written or used.
public struct SafetensorsError: UserError, Equatable {
    /// The part of the file that the finding is about.
    public enum Part: Sendable, Equatable {
        /// The file as a whole.
        case file
        /// The header.
        case header
        /// The metadata in the header.
        case metadata
        /// The tensor of that name.
        case tensor(String)
    }

    /// The file, where it is known; nil for a tensor in memory.
    public let path: String?
    /// The part of the file that the finding is about.
    public let part: Part
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String
    /// Why the file could not be read or written, where that failed: then nothing is known of its bytes.
    public let cause: FileError?

    init(
        _ path: String?, _ part: Part, _ finding: String, remedy: String, cause: FileError? = nil
    ) {
        self.path = path
        self.part = part
        self.finding = finding
        self.remedy = remedy
        self.cause = cause
    }

    init(_ error: FileError) {
        self.init(error.location, .file, error.finding, remedy: error.remedy, cause: error)
    }

    /// A file that breaks the rules of the format, most often because its bytes were damaged.
    static func damaged(_ path: String, _ part: Part, _ finding: String) -> SafetensorsError {
        SafetensorsError(path, part, finding, remedy: "copy or write the file again")
    }

    /// The file, and the part of it where that is not the whole.
    public var location: String {
        let place: String? =
            switch part {
            case .file: nil
            case .header: "header"
            case .metadata: "metadata"
            case .tensor(let name): "tensor \(Self.quoted(name))"
            }
        return [path, place].compactMap { $0 }.joined(separator: ": ")
    }

    /// Text from a file, fit for one line of a terminal: short, and shown as messages show all text.
    static func quoted(_ text: String) -> String {
        let longest = 60
        let scalars = text.unicodeScalars
        let end = scalars.count > longest ? "..." : ""
        return "'" + String(String.UnicodeScalarView(scalars.prefix(longest))).asPlainLine + end
            + "'"
    }
}

/// Runs a file operation and gives its failure the type of this format's errors.
func safetensorsErrors<Value>(
    _ body: () throws(FileError) -> Value
) throws(SafetensorsError) -> Value {
    do {
        return try body()
    } catch {
        throw SafetensorsError(error)
    }
}
