import FixedPoint
import Testing

@Suite struct DecimalTextTests {
    @Test(
        arguments: [
            ("0", 1, 0), ("-0", 1, 0), ("12", 1, 12), ("-3.5", 2, -7), ("0.25", 1 << 16, 16384),
            ("0.015", 1000, 15), (".5", 10, 5), ("5.", 10, 50), ("007", 1, 7),
            // Ties away from zero, and their neighbours.
            ("0.5", 1, 1), ("-0.5", 1, -1), ("1.5", 1, 2), ("2.5", 1, 3), ("-2.5", 1, -3),
            ("0.49999999999", 1, 0), ("0.50000000001", 1, 1), ("0.25", 2, 1), ("0.24", 2, 0),
            // Zeros at either end take no room.
            ("1.50000000000000000000000000000000", 2, 3), ("0.00000000000000000000000000000", 9, 0),
            ("0000000000000000000000000000001", 1, 1), ("0.1234567890123456789", 1, 0),
            // The ends of the range.
            ("9223372036854775807", 1, .max), ("-9223372036854775808", 1, .min),
            ("9223372036854775806.5", 1, nil), ("922337203685477580.7", 10, .max),
            ("-922337203685477580.8", 10, .min), ("1", .max, .max), ("-1", .max, -.max),
            // Too large.
            ("9223372036854775808", 1, nil), ("-9223372036854775809", 1, nil),
            ("9223372036854775807", 2, nil), ("9223372036854775807", .max, nil), ("2", .max, nil),
            ("18446744073709551615", 1, nil), ("18446744073709551616", 1, nil),
            ("99999999999999999999999999999999999", 1, nil), ("922337203685477580.8", 10, nil),
            ("0.12345678901234567891", 1, nil),
        ] as [(String, Int64, Int64?)])
    func parsesDecimals(_ text: String, _ scale: Int64, _ value: Int64?) {
        #expect(DecimalText.parse(text, scale: scale) == value)
    }

    @Test(arguments: [
        "", "-", ".", "-.", "+1", "--1", "1-", "1.2.3", "1..2", " 1", "1 ", "1e3", "0x1", "1,5",
        "١",
        "1_000", "nan", "inf", "1\u{0}", "−1", "1.0a", "1.a0",
    ])
    func refusesOtherText(_ text: String) {
        #expect(DecimalText.parse(text, scale: 1) == nil)
    }

    @Test func refusesHugeTexts() {
        let digits = String(repeating: "9", count: 100_000)
        #expect(DecimalText.parse(digits, scale: 1) == nil)
        #expect(DecimalText.parse("0." + digits, scale: 1) == nil)
        #expect(DecimalText.parse("-" + digits + "." + digits, scale: .max) == nil)
        let zeros = String(repeating: "0", count: 100_000)
        #expect(DecimalText.parse(zeros + "1." + zeros, scale: 3) == 3)
    }

    @Test func parsesPartsOfTexts() {
        #expect(DecimalText.parse("lr=0.75;".dropFirst(3).dropLast(), scale: 4) == 3)
    }

    @Test(
        arguments: [
            (7, 3, 4, "2.3333"), (8, 3, 4, "2.6667"), (-7, 3, 4, "-2.3333"), (0, 5, 2, "0.00"),
            (1, 1, 0, "1"), (12, 1, 3, "12.000"), (1, 1000, 3, "0.001"), (5, 100, 2, "0.05"),
            // Ties away from zero.
            (1, 2, 0, "1"), (-1, 2, 0, "-1"), (3, 2, 0, "2"), (1, 8, 2, "0.13"),
            (-1, 8, 2, "-0.13"),
            (49, 100, 0, "0"),
            // A fraction that rounds up to 1, and a negative number that rounds to 0.
            (1999, 1000, 2, "2.00"), (-1999, 1000, 2, "-2.00"), (-1, 1000, 2, "0.00"),
            // The ends of the range.
            (.max, 1, 2, "9223372036854775807.00"), (.min, 1, 2, "-9223372036854775808.00"),
            (.min, .max, 9, "-1.000000000"), (.max, .max, 9, "1.000000000"),
            (.min, 3, 9, "-3074457345618258602.666666667"), (1, .max, 9, "0.000000000"),
            (.max - 1, .max, 0, "1"), (.min, 1, 0, "-9223372036854775808"),
        ] as [(Int64, Int64, Int, String)])
    func formatsFractions(
        _ numerator: Int64, _ denominator: Int64, _ decimals: Int, _ text: String
    ) {
        #expect(DecimalText.format(numerator, over: denominator, decimals: decimals) == text)
    }

    /// With as many decimals as the denominator has zeros, the text is exact.
    @Test(arguments: 0...9) func formatsWhatItParses(_ decimals: Int) {
        let scale = (0..<decimals).reduce(Int64(1)) { power, _ in power * 10 }
        let values: [Int64] = [
            0, 1, -1, 9, 10, -99, 12345, 999_999_999, -1_000_000_001, .max, .min, .max - 1,
        ]
        for value in values {
            let text = DecimalText.format(value, over: scale, decimals: decimals)
            #expect(DecimalText.parse(text, scale: scale) == value)
        }
    }
}
