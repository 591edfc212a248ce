import FixedPoint

/// A number with three digits or so and a decimal prefix: `1.23` and `M`.
struct ShortNumber {
    let number: String
    /// Empty for a number below 1000.
    let prefix: String

    private static let units = [
        (1_000_000_000_000_000_000, "E"), (1_000_000_000_000_000, "P"), (1_000_000_000_000, "T"),
        (1_000_000_000, "G"), (1_000_000, "M"), (1000, "k"),
    ]

    init(_ value: Int) {
        for (unit, prefix) in Self.units where value >= unit {
            let decimals = value / 100 >= unit ? 0 : value / 10 >= unit ? 1 : 2
            number = DecimalText.format(Int64(value), over: Int64(unit), decimals: decimals)
            self.prefix = prefix
            return
        }
        number = "\(value)"
        prefix = ""
    }

    /// Both together, such as `1.23 M`.
    var text: String { prefix.isEmpty ? number : number + " " + prefix }
}
