extension BinaryInteger {
    /// The number with its noun in the right form: `1 token`, `2 tokens`.
    /// - Parameter plural: What more than one are called, where that is not the noun with an s.
    public func counted(_ noun: String, plural: String? = nil) -> String {
        "\(self) \(self == 1 ? noun : plural ?? noun + "s")"
    }
}
