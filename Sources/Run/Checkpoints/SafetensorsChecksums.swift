import Storage

/// The two checksums that this toolkit keeps in the metadata, each as 16 lower-case hex digits.
///
/// `payload_xxh64` is XXH64 of the buffer. `header_xxh64` is XXH64 of the header, its padding
/// included, with the digits of this very entry set to 0; so that these digits have one known place,
/// the header begins with the entry. Together they cover every byte of the file: the length before
/// the header decides which bytes the second one is computed over.
enum SafetensorsChecksums {
    static let headerKey = "header_xxh64"
    static let payloadKey = "payload_xxh64"
    static let keys = [headerKey, payloadKey]

    private static let seal = TextSeal(
        opening: #"{"\#(SafetensorsHeader.metadataKey)":{"\#(headerKey)":""#)

    /// The first members of the metadata, the header's own checksum still blank.
    static func members(payload: UInt64) -> [JSONValue.Member] {
        [.init(headerKey, .string(TextSeal.blank)), .init(payloadKey, .string(XXH64.hex(payload)))]
    }

    /// Puts the checksum of a header that begins with ``members(payload:)`` into its place.
    static func seal(_ header: inout [UInt8]) { seal.seal(&header) }

    /// Whether a header is one that ``seal(_:)`` made and nobody changed since.
    static func isSealed(_ header: [UInt8]) -> Bool { seal.isSealed(header) }

    /// The value of 16 lower-case hex digits; nil for any other text.
    static func value(_ text: String) -> UInt64? {
        UInt64(text, radix: 16).flatMap { XXH64.hex($0) == text ? $0 : nil }
    }
}
