import Diagnostics
import Storage

/// A kind of file that is no text, known by its first bytes.
struct FileFormat: Sendable {
    /// The name of the format in a word or two.
    let label: String
    /// The name with its article, as in "is a tar archive".
    let name: String
    private let remedy: Remedy
    /// The bytes that tell it; nil stands for any byte.
    private let pattern: [UInt8?]
    /// The place of the first of those bytes.
    private let offset: Int
    /// Whether those bytes suffice. Otherwise, where a text could begin with the same letters, it must go on as no text
    /// does.
    private let isCertain: Bool

    private enum Remedy: Sendable {
        /// A program that writes the text to its standard output: what comes before the path, and what after it.
        case pipe(String, String = "")
        /// A program that unpacks an archive.
        case unpack(String)
        case advice(String)
    }

    private init(
        _ label: String, _ name: String, _ remedy: Remedy, _ pattern: [UInt8?], at offset: Int = 0,
        isCertain: Bool = false
    ) {
        self.label = label
        self.name = name
        self.remedy = remedy
        self.pattern = pattern
        self.offset = offset
        self.isCertain =
            isCertain || pattern.contains { $0.map { !(0x20...0x7E ~= $0) } ?? false }
    }

    /// The format that `start`, the first ``TextInput/headBytes`` bytes of a text, belongs to.
    static func of(_ start: UnsafeRawBufferPointer) -> FileFormat? {
        known.first { $0.matches(start) }
    }

    /// How to get text out of the file at `path`.
    func remedy(for path: String) -> String {
        switch remedy {
        case .pipe(let program, let words): TextError.remedy(by: program, path, words)
        case .unpack(let program):
            "unpack it into a directory and name that: \(program) "
                + (path == InputFile.standardInput.path ? InputFile.standardName : path.asShellWord)
        case .advice(let text): text
        }
    }

    private func matches(_ start: UnsafeRawBufferPointer) -> Bool {
        guard start.count >= offset + pattern.count else { return false }
        for (place, byte) in pattern.enumerated() {
            if let byte, start[offset + place] != byte { return false }
        }
        return isCertain || start.contains(where: ControlBytes.contains)
    }

    private static func letters(_ text: String) -> [UInt8?] { text.utf8.map { $0 } }

    private static let columns = Remedy.advice(
        "write its column of text to a pipe or a file; Data/README.md shows how")
    private static let noText = Remedy.advice("leave it out, or name the text that belongs to it")

    private static let otherTokens = Remedy.advice(
        "decode its tokens to text with their tokenizer, and name the text")

    private static let any4: [UInt8?] = [nil, nil, nil, nil]

    private static let compressed = [
        FileFormat("xz", "xz-compressed data", .pipe("xz -dc"), [0xFD] + letters("7zXZ") + [0]),
        FileFormat(
            "bzip2", "bzip2-compressed data", .pipe("bzip2 -dc"),
            letters("BZh") + [nil] + letters("1AY&SY"), isCertain: true),
        FileFormat("lz4", "lz4-compressed data", .pipe("lz4 -dc"), [0x04, 0x22, 0x4D, 0x18]),
        FileFormat("lzip", "lzip-compressed data", .pipe("lzip -dc"), letters("LZIP") + [1]),
        FileFormat("compress", "compress'ed data", .pipe("gzip -dc"), [0x1F, 0x9D]),
        // Of these one layer is taken off; what shows up here was compressed twice.
        FileFormat(
            "gzip", "gzip-compressed data", .advice("decompress it first"), [0x1F, 0x8B, 8]),
        FileFormat(
            "zstd", "zstd-compressed data", .advice("decompress it first"),
            [0x28, 0xB5, 0x2F, 0xFD]),
    ]

    private static let archives = [
        FileFormat("tar", "a tar archive", .unpack("tar -xf"), letters("ustar"), at: 257),
        FileFormat(
            "zip", "a zip archive, or a document or model in one", .unpack("unzip"),
            letters("PK") + [3, 4]),
        FileFormat("zip", "an empty zip archive", noText, letters("PK") + [5, 6]),
        FileFormat(
            "7z", "a 7z archive", .unpack("7z x"), letters("7z") + [0xBC, 0xAF, 0x27, 0x1C]),
        FileFormat("rar", "a rar archive", .unpack("unrar x"), letters("Rar!") + [0x1A, 0x07]),
    ]

    private static let tables = [
        FileFormat("Parquet", "a Parquet file (a table)", columns, letters("PAR1")),
        FileFormat("Arrow", "an Arrow file (a table)", columns, letters("ARROW1") + [0, 0]),
        FileFormat(
            "Arrow", "an Arrow stream (a table)", columns, [0xFF, 0xFF, 0xFF, 0xFF, nil, nil, 0, 0]),
        FileFormat("HDF5", "an HDF5 file", columns, [0x89] + letters("HDF\r\n") + [0x1A, 0x0A]),
        FileFormat(
            "SQLite", "an SQLite database", .pipe("sqlite3", " 'SELECT column FROM table'"),
            letters("SQLite format 3") + [0]),
        FileFormat("NumPy", "a NumPy array", noText, [0x93] + letters("NUMPY")),
    ]

    private static let media = [
        FileFormat(
            "PDF", "a PDF document", .pipe("pdftotext", " -"), letters("%PDF-"), isCertain: true),
        FileFormat("PNG", "a PNG image", noText, [0x89] + letters("PNG\r\n") + [0x1A, 0x0A]),
        FileFormat("JPEG", "a JPEG image", noText, [0xFF, 0xD8, 0xFF]),
        FileFormat("GIF", "a GIF image", noText, letters("GIF8") + [nil] + letters("a")),
        FileFormat(
            "RIFF", "a sound, a video or an image (RIFF)", noText, letters("RIFF") + any4 + [nil]),
    ]

    private static let programs = [
        FileFormat("program", "a program (ELF)", noText, [0x7F] + letters("ELF")),
        FileFormat("program", "a program (Mach-O)", noText, [0xCF, 0xFA, 0xED, 0xFE]),
        FileFormat(
            "Git LFS pointer", "a Git LFS pointer (the file itself was not fetched)",
            .advice("fetch it with: git lfs pull"),
            letters("version https://git-lfs.github.com/spec/"), isCertain: true),
    ]

    /// Token files of llm.c but for those that ``TokenFileReader`` reads.
    private static let tokens = [
        FileFormat(
            "tokens of another tokenizer", "a file of 32-bit tokens for llm.c", otherTokens,
            [0xA1, 0xD9, 0x34, 0x01]),
        FileFormat(
            "tokens of another tokenizer", "a file of questions in tokens for llm.c", otherTokens,
            [0x8A, 0xD8, 0x34, 0x01]),
    ]

    private static let own = [
        // The length of a header below 2^32 in 8 bytes, and the header's beginning.
        FileFormat(
            "model", "a model (safetensors)", noText, any4 + [0, 0, 0, 0] + letters("{\"")),
        FileFormat("model", "a model (GGUF)", noText, letters("GGUF")),
        FileFormat("journal", "the journal of a run", noText, letters("EGGJRNL\n")),
    ]

    private static let known =
        compressed + archives + tables + media + programs + tokens + own
}

/// Control characters that no text is full of: all but tab, line ends, form feed, backspace, bell and escape.
enum ControlBytes {
    static func contains(_ byte: UInt8) -> Bool {
        byte < 0x20 ? !(7...13 ~= byte || byte == 0x1B) : byte == 0x7F
    }
}
