import Diagnostics

/// Reads a file of 16-bit tokens, low byte first, each of which must be a byte of text.
///
/// The files of llm.c begin with a header of 256 32-bit integers: a magic number, the version, and the number of tokens.
/// Those of nanoGPT are tokens only. Memory: a buffer.
final class TokenFileReader: TextConverter {
    private static let magic: [UInt8] = [0x88, 0xD8, 0x34, 0x01]  // 20240520
    private static let version = 1
    private static let headerBytes = 1024

    private let path: String
    /// The number of tokens that the header states; nil without a header.
    private let stated: Int?
    /// The bytes of the header that are still to be passed over.
    private var headerLeft: Int
    private var tokens = 0
    private var input = [UInt8](repeating: 0, count: 1 << 15)
    /// The first byte of a token whose second is not read yet.
    private var half: UInt8?

    /// Whether the first bytes of a text are those of a file of llm.c.
    static func hasHeader(_ head: UnsafeRawBufferPointer) -> Bool {
        head.count >= 4 && head.starts(with: magic)
    }

    /// Begins with the first bytes of a text, which are read again.
    /// - Throws: ``TextError`` where they are no tokens that are bytes of text.
    init(_ head: UnsafeRawBufferPointer, path: String) throws(TextError) {
        self.path = path
        stated = Self.hasHeader(head) ? try Self.statedTokens(head, path) : nil
        headerLeft = stated == nil ? 0 : Self.headerBytes
        let first = Array(head.dropFirst(headerLeft))
        var bytes: [UInt8] = []
        for place in 0..<first.count / 2 {
            bytes.append(try byte(first[2 * place], first[2 * place + 1], token: place))
        }
        guard !bytes.withUnsafeBytes(TextInput.isDoubtful) else {
            throw TextError(
                path,
                "holds tokens that are no bytes of text: many of them are control characters",
                remedy: "decode them to text by the list that came with them (nanoGPT's meta.pkl), "
                    + "and name that",
                label: Self.label)
        }
    }

    private static let label = "tokens of another tokenizer"

    private static func statedTokens(
        _ head: UnsafeRawBufferPointer, _ path: String
    ) throws(TextError) -> Int {
        guard head.count >= headerBytes else {
            throw TextError(
                path, "is a token file of llm.c that is cut off in its header",
                remedy: "restore the file from its source", label: "damaged token file")
        }
        let words = (1...2).map { place in
            Int(Int32(littleEndian: head.loadUnaligned(fromByteOffset: 4 * place, as: Int32.self)))
        }
        guard words[0] == version, words[1] >= 0 else {
            throw TextError(
                path, "is a token file of llm.c in version \(words[0]) with \(words[1]) tokens",
                remedy: "write it in version \(version), or decode it to text and name that",
                label: "damaged token file")
        }
        return words[1]
    }

    func read(_ source: DecompressedInput, into target: UnsafeMutableRawBufferPointer) throws -> Int
    {
        while true {
            let room = min(input.count, 2 * target.count)
            let count = try input.withUnsafeMutableBytes { bytes in
                try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<room]))
            }
            guard count > 0 else {
                try requireEnd()
                return 0
            }
            let skipped = min(headerLeft, count)
            headerLeft -= skipped
            let given = try narrow(input[skipped..<count], into: target)
            if given > 0 { return given }
        }
    }

    private func narrow(
        _ bytes: ArraySlice<UInt8>, into target: UnsafeMutableRawBufferPointer
    ) throws(TextError) -> Int {
        var given = 0
        for next in bytes {
            guard let low = half else {
                half = next
                continue
            }
            target[given] = try byte(low, next, token: tokens)
            half = nil
            given += 1
            tokens += 1
        }
        return given
    }

    private func byte(_ low: UInt8, _ high: UInt8, token: Int) throws(TextError) -> UInt8 {
        guard high != 0 else { return low }
        let header = stated == nil ? 0 : Self.headerBytes
        throw TextError(
            "\(path): byte \(header + 2 * token)",
            "token number \(token + 1) is \(Int(high) << 8 | Int(low)), and only 0 to 255 are bytes of text: "
                + "these are tokens of another tokenizer, such as that of GPT-2",
            remedy: "decode them to text with that tokenizer, and name the text", label: Self.label)
    }

    private func requireEnd() throws(TextError) {
        guard half == nil, stated == nil || stated == tokens else {
            let found = half == nil ? tokens.counted("token") : "half of token \(tokens + 1)"
            throw TextError(
                path,
                "ends after \(found)" + (stated.map { ", and its header states \($0)" } ?? ""),
                remedy: "restore the file from its source", label: "damaged token file")
        }
    }
}
