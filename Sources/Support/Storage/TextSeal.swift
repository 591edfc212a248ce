/// A checksum inside the text that it covers: 16 lower-case hex digits of XXH64 at a known place.
///
/// The checksum is computed over the whole text with its own digits set to 0. So that they have one known place,
/// the text begins with a fixed opening and then the digits: a changed opening is found as damage too.
public struct TextSeal: Sendable {
    private let opening: [UInt8]

    private static let digitCount = 16
    /// What stands in the place of the digits while the checksum is computed.
    public static let blank = String(repeating: "0", count: digitCount)

    /// Makes a seal; `opening` comes before the digits, for example `{"checksum":"`.
    public init(opening: String) { self.opening = Array(opening.utf8) }

    private var digitRange: Range<Int> { opening.count..<opening.count + Self.digitCount }

    /// Puts the checksum of a text that begins with the opening and ``blank`` into its place.
    public func seal(_ text: inout [UInt8]) {
        text.replaceSubrange(digitRange, with: XXH64.hex(XXH64.hash(text)).utf8)
    }

    /// Whether a text is one that ``seal(_:)`` made and nobody changed since.
    public func isSealed(_ text: [UInt8]) -> Bool {
        guard text.starts(with: opening), text.count >= digitRange.upperBound else { return false }
        var sealed = text
        sealed.replaceSubrange(digitRange, with: Self.blank.utf8)
        seal(&sealed)
        return sealed == text
    }
}
