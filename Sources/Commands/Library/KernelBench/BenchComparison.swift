import Diagnostics
import FixedPoint
import Storage

/// The figures of a row over those of the same row in an earlier run, in 1/1000.
///
/// The median is the quotient of both medians. The tenths are the widest that those of both runs allow: the slowest
/// tenth of this one over the fastest of the earlier one, and the other way round.
struct BenchComparison {
    let speed, share: Quantiles

    /// Nil where the earlier run has no such row.
    init?(_ now: StepSpeed, with earlier: EarlierFigures) {
        guard let then = earlier[now.row] else { return nil }
        speed = Self.ratio(now.achieved, then.speed)
        share = Self.ratio(now.permille, then.share)
    }

    private static func ratio(_ now: Quantiles, _ then: Quantiles) -> Quantiles {
        func permille(_ now: Int, _ then: Int) -> Int {
            let divisor = max(1, then)
            let (quotient, rest) = (now * 1000).quotientAndRemainder(dividingBy: divisor)
            return rest >= divisor - rest ? quotient + 1 : quotient
        }
        return Quantiles(
            low: permille(now.low, then.high), median: permille(now.median, then.median),
            high: permille(now.high, then.low))
    }

    /// The comparison as the end of a line.
    var text: String {
        "\(Self.text(speed)) times the speed, \(Self.text(share)) times the share of the roofline"
    }

    private static func text(_ ratio: Quantiles) -> String {
        func decimal(_ permille: Int) -> String {
            DecimalText.format(Int64(permille), over: 1000, decimals: 3)
        }
        return "\(decimal(ratio.median)) (\(decimal(ratio.low))-\(decimal(ratio.high)))"
    }

    var members: [JSONValue.Member] {
        speed.members("comparedSpeedPermille") + share.members("comparedRooflinePermille")
    }
}

extension EarlierFigures {
    /// A line below a row of the table.
    func line(_ speed: StepSpeed) -> String {
        let name = path.asPlainLine
        return BenchComparison(speed, with: self).map { "  against \(name): \($0.text)" }
            ?? "  not in \(name)"
    }

    /// Lines that name the rows which were not measured this time.
    func missing(from measured: Set<BenchRow>) -> [String] {
        rows.filter { !measured.contains($0) }.map { "only in \(path): \($0.name)".asPlainLine }
    }
}
