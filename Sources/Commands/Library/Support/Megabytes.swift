import FixedPoint

extension Int {
    /// A number of bytes in MB, with one decimal: `12.3`.
    var megabytes: String { DecimalText.format(Int64(self), over: 1_000_000, decimals: 1) }
}
