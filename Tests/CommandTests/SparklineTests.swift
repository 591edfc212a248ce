import Testing

@testable import Commands

/// The row of blocks that shows a curve on a terminal, and short numbers beside it.
@Suite struct SparklineTests {
    private func row(_ values: [Int64]) -> String? {
        var curve = Sparkline()
        for value in values { curve.add(value) }
        return curve.text
    }

    @Test(
        arguments: [
            ([], nil), ([5], nil), ([5, 5], "▁▁"), ([0, 7], "▁█"), ([7, 0], "█▁"),
            (Array(0...7), "▁▂▃▄▅▆▇█"), ([0, 1, 14], "▁▂█"), ([-7, 0, 7], "▁▅█"),
            ([81_000, 40_500, 20_000, 11_000], "█▄▂▁"),
        ] as [([Int64], String?)])
    func blocksStandForValues(_ values: [Int64], _ expected: String?) {
        #expect(row(values) == expected)
    }

    /// 24 values have a block each; of 25, two by two are one, and the last is alone.
    @Test func aLongCurveKeepsItsWidth() throws {
        #expect(row(Array(0..<24))?.count == 24)
        #expect(row(Array(0..<25))?.count == 13)
        let long = try #require(row((0..<100_000).map { 100_000 - $0 }))
        #expect((13...24).contains(long.count) && long.first == "█" && long.last == "▁")
        #expect(long == String(long.sorted(by: >)))
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1.00 k"), (45_600, "45.6 k"), (1_230_000, "1.23 M"),
        (456_000_000_000, "456 G"), (1_200_000_000_000_000, "1.20 P"), (.max, "9.22 E"),
    ])
    func numbersHaveAPrefix(_ value: Int, _ expected: String) {
        #expect(ShortNumber(value).text == expected)
    }
}
