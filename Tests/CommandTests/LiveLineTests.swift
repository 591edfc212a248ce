import Testing

@testable import Commands

/// What a line shows in how many columns, and the rates in it.
@Suite struct LiveLineTests {
    private let parts: [LiveLine.Part] = [
        .init("step 12/90", short: "12/90"), .init("train 2.40"),
        .init("validation 2.37", short: "val 2.37"), .init("3:40 left"),
        .init("1.2 M tokens/s", short: "1.2 Mtok/s"),
    ]

    @Test(arguments: [
        (120, "step 12/90  train 2.40  validation 2.37  3:40 left  1.2 M tokens/s"),
        (66, "step 12/90  train 2.40  validation 2.37  3:40 left  1.2 M tokens/s"),
        (65, "12/90  train 2.40  val 2.37  3:40 left  1.2 Mtok/s"),
        (50, "12/90  train 2.40  val 2.37  3:40 left  1.2 Mtok/s"),
        (46, "12/90 train 2.40 val 2.37 3:40 left 1.2 Mtok/s"),
        (45, "12/90 train 2.40 val 2.37 3:40 left"), (30, "12/90 train 2.40 val 2.37"),
        (24, "12/90 train 2.40"), (15, "12/90"), (3, "12/"), (0, ""), (-2, ""),
    ])
    func partsAreLeftOutFromTheLastOn(_ columns: Int, expected: String) {
        #expect(LiveLine.fit(parts, columns: columns) == expected)
    }

    /// A part whose short form is empty is left out before the words become shorter.
    @Test(arguments: [
        (73, "step 12/90  train 2.40  validation 2.37  3:40 left  1.2 M tokens/s  █▄▂▁▁"),
        (72, "step 12/90  train 2.40  validation 2.37  3:40 left  1.2 M tokens/s"),
        (65, "12/90  train 2.40  val 2.37  3:40 left  1.2 Mtok/s"),
    ])
    func theCurveIsTheFirstToGo(_ columns: Int, expected: String) {
        #expect(LiveLine.fit(parts + [.init("█▄▂▁▁", short: "")], columns: columns) == expected)
    }

    /// One slow step among fast ones changes the mean as much as it took of the time.
    @Test func ratesAreMeansOfASecondOrMore() {
        var rate = RecentRate()
        #expect(rate.tokensPerSecond == 0)
        for _ in 0..<10 { rate.add(tokens: 50, multiplyAccumulates: 500, microseconds: 50_000) }
        #expect(rate.tokensPerSecond == 1000 && rate.multiplyAccumulatesPerSecond == 10_000)
        rate.add(tokens: 50, multiplyAccumulates: 500, microseconds: 500_000)
        #expect(rate.tokensPerSecond == 550)
        // The first second is forgotten once another is whole.
        for _ in 0..<21 { rate.add(tokens: 50, multiplyAccumulates: 500, microseconds: 50_000) }
        #expect(rate.tokensPerSecond == 1000)
    }

    /// Steps of more than a second each are means of two at the most.
    @Test func slowStepsCountAlone() {
        var rate = RecentRate()
        for tokens in [1, 10, 100] {
            rate.add(tokens: tokens, multiplyAccumulates: 0, microseconds: 2_000_000)
        }
        #expect(rate.tokensPerSecond == 27)
    }
}
