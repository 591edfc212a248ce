import Storage

/// The text of an input, as every command reads it: decompressed where its first bytes say that it is compressed,
/// and converted to UTF-8 where its encoding is one of several bytes.
///
/// What is not text is refused when it is opened (`FileFormat`). Memory does not depend on the input.
public final class TextInput {
    /// One NUL or control byte in so many at a text's beginning is more than texts have.
    private static let largestControlShare = 8
    private static let smallestHead = 256

    private let source: DecompressedInput
    private let converter: (any TextConverter)?
    private let size: Int?
    /// Whether its beginning has more NUL bytes and control characters than texts have.
    public let isDoubtful: Bool
    /// Whether its first line is a JSON object, so that its texts may be meant.
    public let beginsWithRecord: Bool

    /// Opens an input and looks at its beginning.
    /// - Throws: ``TextError`` for what is no text, or `FileError`.
    public init(_ file: InputFile, encoding: TextEncoding = .auto) throws {
        source = try DecompressedInput(file)
        size = file.size
        let (path, compression) = (file.path, source.compression)
        (converter, isDoubtful) = try source.head.withUnsafeBytes { head in
            if let format = FileFormat.of(head) {
                let place = compression.map { "holds \(format.name) in \($0) data" }
                throw TextError(
                    path, (place ?? "is \(format.name)") + ", not text",
                    remedy: format.remedy(for: path), label: format.label)
            }
            if encoding == .tokens16 || TokenFileReader.hasHeader(head) {
                return (try TokenFileReader(head, path: path), false)
            }
            if let wide = try encoding.wideEncoding(of: head, path: path) {
                return (UTF8Converter(wide, path: path), false)
            }
            return (nil, encoding == .auto && Self.isDoubtful(head))
        }
        beginsWithRecord =
            converter == nil && RecordHint.isRecord(source.head, isAll: source.isWholeInHead)
    }

    /// The path of the file.
    public var path: String { source.path }

    /// Whether it has no byte.
    var isEmpty: Bool { source.head.isEmpty }

    /// What the input is, for a summary: `text`, `text in gzip`.
    public var kind: String {
        (converter is TokenFileReader ? "token file" : "text")
            + (compression.map { " in \($0)" } ?? "")
    }

    /// What it is compressed with; nil for a plain input.
    var compression: String? { source.compression }

    /// The bytes of the file that were read so far.
    public var bytesRead: Int { source.bytesRead }

    /// The bytes of text, where the file's size tells them.
    public var expectedBytes: Int? {
        source.compression == nil && converter == nil ? size : nil
    }

    /// Puts the next bytes of the text at the start of `output`.
    /// - Returns: How many, 0 at the end.
    /// - Throws: ``TextError``, or `FileError` naming the input, also where compressed data is damaged, cut off, or
    ///   expands beyond measure.
    public func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        try converter?.read(source, into: output) ?? source.read(into: output)
    }

    static func isDoubtful(_ head: UnsafeRawBufferPointer) -> Bool {
        guard head.count >= smallestHead else { return false }
        return head.count(where: ControlBytes.contains) > head.count / largestControlShare
    }
}
