import FixedPoint
import Testing

@Suite struct ClockTextTests {
    @Test(arguments: [
        (0, "0:00"), (9, "0:09"), (61, "1:01"), (3599, "59:59"), (3600, "1:00:00"),
        (3_723, "1:02:03"), (360_000, "100:00:00"),
    ])
    func secondsAsAClock(_ seconds: Int64, expected: String) {
        #expect(ClockText.format(seconds: seconds) == expected)
    }

    @Test func timeLeftFollowsThePace() {
        #expect(ClockText.left(of: 9, done: 3, in: .seconds(4)) == "0:08")
        #expect(ClockText.left(of: 9, done: 9, in: .seconds(4)) == "0:00")
        #expect(ClockText.left(of: 9, done: 12, in: .seconds(4)) == "0:00")
        #expect(ClockText.left(of: 9, done: 0, in: .seconds(4)) == "?")
        #expect(ClockText.left(of: .max, done: 1, in: .seconds(1 << 40)).hasSuffix(":07"))
    }
}
