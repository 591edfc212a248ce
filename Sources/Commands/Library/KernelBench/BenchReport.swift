import FixedPoint
import Storage

/// How a measurement is printed: lines of a table, or JSON.
extension StepSpeed {
    private static let columns = [
        ("method", 17), ("shape", 10), ("contexts", 8), ("kernel", 11), ("threads", 7), ("N", 5),
        ("T", 3), ("tokens/s", 8), ("GMAC/s (p10-p90)", 19), ("roofline", 8),
        ("share (p10-p90)", 19), ("MB", 5),
    ]

    static let header = line(columns.map(\.0))

    private static func line(_ cells: [String]) -> String {
        AlignedRows.line(cells, widths: columns.map(\.1), names: 0)
    }

    /// A line of the table, and one with the shares of the parts and what the speed is compared with.
    var lines: String {
        let speed =
            Self.giga(achieved.median) + " (\(Self.giga(achieved.low))-\(Self.giga(achieved.high)))"
        let share =
            Self.percent(permille.median)
            + "% (\(Self.percent(permille.low))-\(Self.percent(permille.high)))"
        let parts = workload.parts.map { "\($0.name) \(Self.percent(shares.permille($0)))" }
        let cells = [
            workload.method.rawValue, workload.shape, "\(workload.config.contexts.count)",
            workload.kernel.name, "\(threads)", "\(workload.population.size)",
            "\(workload.population.segmentTokens)", "\(memberTokensPerSecond.median)", speed,
            Self.giga(roofline.median), share,
            peakMemory.map { Self.decimal($0, 1_000_000, 0) } ?? "?",
        ]
        return Self.line(cells) + "\n  % of a step: " + parts.joined(separator: ", ")
            + "\n  " + comparisons.joined(separator: "; ")
    }

    /// Training against pure batch inference, and against noise of full rank where that was measured.
    private var comparisons: [String] {
        let inference =
            "\(Self.percent(ofInference.median))%"
            + " (\(Self.percent(ofInference.low))-\(Self.percent(ofInference.high)))"
            + " of the speed of batch inference, by processor time"
            + " \(Self.percent(ofInferenceProcessorTime.median))%"
        return [inference]
            + NaiveStrategy.Drawing.allCases.compactMap { drawing in
                naive[drawing].map { speed in
                    let ratio = memberTokensPerSecond.median * 10 / max(1, speed)
                    return
                        "\(Self.decimal(ratio, 10, 1)) times that of full-rank noise \(drawing.rawValue)"
                }
            }
    }

    /// Integers only; shares in 1/1000.
    /// - Parameter earlier: The figures that those of this row are divided by, where they have it.
    func json(comparedWith earlier: EarlierFigures?) -> JSONValue {
        var members = row.members
        members += memberTokensPerSecond.members("memberTokensPerSecond")
        members += achieved.members("macPerSecond")
        members += roofline.members("rooflineMacPerSecond")
        members += permille.members("rooflinePermille")
        members += ofInference.members("inferencePermille")
        members += ofInferenceProcessorTime.members("inferenceProcessorPermille")
        members += NaiveStrategy.Drawing.allCases.compactMap { drawing in
            naive[drawing].map {
                .init("\(drawing.rawValue)NaiveTokensPerSecond", .integer($0))
            }
        }
        members.append(.init("peakMemoryBytes", peakMemory.map { .integer($0) } ?? .null))
        let parts = workload.parts.map {
            JSONValue.Member($0.name, .integer(shares.permille($0)))
        }
        members.append(.init("partPermille", .object(parts)))
        members += earlier.flatMap { BenchComparison(self, with: $0) }?.members ?? []
        return .object(members)
    }

    private static func giga(_ value: Int) -> String { decimal(value, 1_000_000_000, 1) }
    private static func percent(_ permille: Int) -> String { decimal(permille, 10, 1) }

    private static func decimal(_ value: Int, _ unit: Int64, _ decimals: Int) -> String {
        DecimalText.format(Int64(value), over: unit, decimals: decimals)
    }
}

extension Quantiles {
    /// The median by this name, and the tenths.
    func members(_ name: String) -> [JSONValue.Member] {
        [
            .init(name, .integer(median)), .init(name + "P10", .integer(low)),
            .init(name + "P90", .integer(high)),
        ]
    }
}
