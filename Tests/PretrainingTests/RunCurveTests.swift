import Storage
import TestSupport
import Testing

@testable import Pretraining

/// What a report reads of the log of a run.
@Suite struct RunCurveTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func line(_ step: Int, train: String, validation: String? = nil) -> String {
        #"{"step":\#(step),"trainBitsPerByte":\#(train),"changedFraction":0.0\#(step % 10)0000,"#
            + #""tieRate":0.5,"memberTokensPerSecond":\#(100 * step),"#
            + #""multiplyAccumulates":\#(step)000000000000000000000,"wallSeconds":\#(step).250"#
            + (validation.map { #","validationBitsPerByte":\#($0)"# } ?? "") + "}\n"
    }

    private func curve(_ lines: [String]) throws -> RunCurve {
        try RunCurve(of: try directory.write("metrics.jsonl", lines.joined()))
    }

    @Test func hasWhatTheLogSays() throws {
        let curve = try curve([
            line(1, train: "5.1234", validation: "4.9000"), line(2, train: "4.0000"),
            line(3, train: "3.5000", validation: "4.9500"),
        ])
        #expect(curve.points.map(\.trainBitsPerByte) == ["5.1234", "4.0000", "3.5000"])
        #expect(curve.points.map(\.changedFraction) == ["0.010000", "0.020000", "0.030000"])
        #expect(curve.points.map(\.memberTokensPerSecond) == ["100", "200", "300"])
        #expect(curve.points.map(\.progress.step) == [1, 2, 3])
        #expect(curve.points.last?.progress.seconds == "3.250")
        // More than 64 bits.
        #expect(curve.points.last?.progress.multiplyAccumulates == "3000000000000000000000")
        #expect(curve.validations.map(\.bitsPerByte) == ["4.9000", "4.9500"])
        #expect(curve.best?.progress.step == 1 && curve.damage == nil)
    }

    /// 4095 steps need parts of four: 2048 of two, and then 1024.
    @Test func aLongRunIsThinnedOut() throws {
        let steps = 4 * RunCurve.mostPoints - 1
        let curve = try curve(
            (1...steps).map { line($0, train: "\($0).0000", validation: "\(5000 - $0)") })
        #expect(curve.points.count == RunCurve.mostPoints)
        #expect(curve.points.map(\.progress.step).prefix(2) == [4, 8])
        #expect(curve.points.prefix(2).map(\.trainBitsPerByte) == ["2.5000", "6.5000"])
        #expect(curve.points.last?.progress.step == steps)
        #expect(curve.points.last?.trainBitsPerByte == "4094.0000")
        #expect(curve.validations.count == RunCurve.mostPoints)
        #expect(curve.validations.prefix(2).map(\.progress.step) == [4, 8])
        #expect(curve.validations.last?.progress.step == steps)
        #expect(curve.best?.progress.step == steps)
    }

    /// What is damaged is passed over and counted.
    @Test(arguments: [
        "\n", "noise\n", "{}\n", "[1]\n", "{\"step\":2}\n",
        #"{"step":9,"trainBitsPerByte":"x","changedFraction":0,"memberTokensPerSecond":1,"#
            + #""multiplyAccumulates":1,"wallSeconds":1}"# + "\n",
        #"{"step":1,"trainBitsPerByte":1,"changedFraction":0,"memberTokensPerSecond":1,"#
            + #""multiplyAccumulates":1,"wallSeconds":1}"# + "\n",
        #"{"step":9,"trainBitsPerByte":1,"changedFraction":0,"memberTokensPerSecond":1,"#
            + #""multiplyAccumulates":1,"wallSeconds":1,"validationBitsPerByte":[]}"# + "\n",
        String(repeating: "x", count: 1 << 19) + "\n",
    ])
    func passesOverDamage(_ damaged: String) throws {
        let lines = [line(1, train: "2.0000"), damaged, line(3, train: "1.0000"), "{\"step\":4"]
        let curve = try curve(lines)
        #expect(curve.points.map(\.progress.step) == [1, 3])
        #expect(curve.damage?.lines == 1 && curve.damage?.first == 2)
    }
}
