extension BinaryInteger {
    /// The number with its noun in the right form: `1 token`, `2 tokens`.
    /// - Parameters:
    ///   - noun: The word for one of them.
    ///   - plural: The word for several, where it is not the noun with an s.
    public func counted(_ noun: String, plural: String? = nil) -> String {
        "\(self) \(self == 1 ? noun : plural ?? noun + "s")"
    }
}
