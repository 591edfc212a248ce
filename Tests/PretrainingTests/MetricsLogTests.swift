import EvolutionStrategy
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
            weights: 1000, pace: UpdatePace("rate", 1, over: 2), comparisons: 3, ties: 1,
            stepMicroseconds: 2000,
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
            weights: 0, pace: UpdatePace("rate", 1, over: 2), comparisons: 0,
            ties: 0, stepMicroseconds: 0, wallMicroseconds: 0, multiplyAccumulates: 0,
            validation: nil)
        #expect(metrics.memberTokensPerSecond == 0)
        #expect(metrics.multiplyAccumulatesPerSecond == 0)
    }

    /// Lines that a crash may leave, the steps that the checkpoint has, how many bytes stay, and the first damaged line
    /// among them.
    @Test(arguments: [
        ("", 0, 0, nil), ("{\"step\":1}\n", 1, 11, nil),
        ("{\"step\":1}\n{\"step\":2}\n", 1, 11, nil),
        ("{\"step\":1}\n{\"step\":2}\n", 0, 0, nil), ("{\"step\":1}\n{\"step\":2", 5, 11, nil),
        ("{\"step\":1}\n{\"step\":2}", 5, 11, nil),
        ("{\"step\":1}\n\n{\"step\":2}\n", 5, 23, 2),
        ("{\"step\":1}\nnoise\n{\"step\":3}\n", 5, 28, 2),
        ("{\"step\":1}\nnoise\n{\"step\":3}\n", 2, 17, 2),
        ("{\"step\":1}\nnoise\n{\"step\":3}\n", 1, 11, nil), ("\u{0}\u{0}\u{0}", 5, 0, nil),
        ("{\"step\":1}\n{\"step\":\"2\"}\n", 5, 24, 2), ("[1]\n", 5, 4, 1), ("[1]\n", 0, 0, nil),
    ])
    func keepsTheLinesOfDoneSteps(
        _ text: String, _ steps: Int, _ kept: Int, _ damagedLine: Int?
    ) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("metrics.jsonl", text)
        let log = try MetricsLog(path, keepingSteps: steps)
        try log.append(metrics(step: steps + 1))
        let bytes = try Files.read(path, atMost: 1 << 20)
        let next = metrics(step: steps + 1).json.text + "\n"
        let expected = Array(text.utf8.prefix(kept)) + Array(next.utf8)
        #expect(bytes.elementsEqual(expected))
        #expect(
            log.notices
                == (damagedLine.map {
                    ["\(path): line \($0) is damaged; it is kept, and the run goes on"]
                } ?? []))
        #expect(try Files.list(directory.path) == ["metrics.jsonl"])
    }

    /// Such a line is not held in memory, and counts as damaged.
    @Test func aLineWithoutMeasureIsDamaged() throws {
        let directory = try TemporaryDirectory()
        let long = String(repeating: "x", count: 1 << 19)
        let path = try directory.write("metrics.jsonl", long + "\n{\"step\":2}\n")
        let log = try MetricsLog(path, keepingSteps: 2)
        #expect(log.notices.count == 1)
        #expect(try InputFile(path).size == (1 << 19) + 12)
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
