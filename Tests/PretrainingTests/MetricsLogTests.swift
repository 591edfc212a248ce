import Storage
import TestSupport
import Testing

@testable import Pretraining

/// The log of a run, also after a crash.
@Suite struct MetricsLogTests {
    private func metrics(step: Int, validation: ValidationResult? = nil) -> StepMetrics {
        StepMetrics(
            step: step, loss: 16 * 1000 * 5 + 8000, lossFractionBits: 4, memberTokens: 1000,
            changedWeights: 25,
            weights: 1000, comparisons: 3, ties: 1, stepMicroseconds: 2000,
            wallMicroseconds: 1_234_567, multiplyAccumulates: 4000, validation: validation)
    }

    @Test func writesWhatIsDocumented() {
        #expect(
            metrics(step: 7).json.text
                == #"{"step":7,"trainBitsPerByte":5.5000,"changedFraction":0.025000,"#
                + #""tieRate":0.333333,"memberTokensPerSecond":500000,"multiplyAccumulates":28000,"#
                + #""wallSeconds":1.235}"#)
    }

    @Test func addsAMeasurement() {
        let result = ValidationResult(
            exactBitsPerByte: "4.1234", integerBitsPerByte: "4.0900", unigramBitsPerByte: "4.2",
            exactQ32: 1)
        #expect(
            metrics(step: 1, validation: result).json.text.hasSuffix(
                #""validationBitsPerByte":4.1234,"validationIntegerBitsPerByte":4.0900}"#))
    }

    @Test func ratesOfNoTimeAreBounded() {
        let metrics = StepMetrics(
            step: 1, loss: 0, lossFractionBits: 4, memberTokens: .max, changedWeights: 0,
            weights: 0, comparisons: 0,
            ties: 0, stepMicroseconds: 0, wallMicroseconds: 0, multiplyAccumulates: 0,
            validation: nil)
        #expect(metrics.memberTokensPerSecond == 0)
        #expect(metrics.multiplyAccumulatesPerSecond == 0)
    }

    /// Lines that a crash may leave, the steps that the checkpoint has, and how many lines stay.
    @Test(arguments: [
        ("", 0, 0), ("{\"step\":1}\n", 1, 1), ("{\"step\":1}\n{\"step\":2}\n", 1, 1),
        ("{\"step\":1}\n{\"step\":2}\n", 0, 0), ("{\"step\":1}\n{\"step\":2", 5, 1),
        ("{\"step\":1}\n{\"step\":2}", 5, 1), ("{\"step\":1}\n\n{\"step\":2}\n", 5, 1),
        ("{\"step\":1}\nnoise\n{\"step\":3}\n", 5, 1), ("\u{0}\u{0}\u{0}", 5, 0),
        ("{\"step\":1}\n{\"step\":\"2\"}\n", 5, 1), ("[1]\n", 5, 0),
    ])
    func keepsTheWholeLinesOfDoneSteps(_ text: String, _ steps: Int, _ kept: Int) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("metrics.jsonl", text)
        let log = try MetricsLog(path, keepingSteps: steps)
        try log.append(metrics(step: steps + 1))
        let lines = try Files.read(path, atMost: 1 << 20).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == kept + 1)
        for line in lines { #expect(try JSONValue(Array(line))["step"]?.integer != nil) }
        #expect(try Files.list(directory.path) == ["metrics.jsonl"])
    }

    @Test func appendsToWhatIsThere() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("metrics.jsonl")
        for step in 1...3 {
            let log = try MetricsLog(path, keepingSteps: step - 1)
            try log.append(metrics(step: step))
            try log.sync()
        }
        let text = String(decoding: try Files.read(path, atMost: 1 << 20), as: UTF8.self)
        #expect(text == (1...3).map { metrics(step: $0).json.text + "\n" }.joined())
    }
}
