import EvolutionStrategy
import Storage
import TestSupport
import Testing

@testable import Pretraining

/// The event file of a run, also after a crash.
@Suite struct EventLogTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("events.out.tfevents")
    }

    private func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).compactMap { offset in
            let start = hex.index(hex.startIndex, offsetBy: offset)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)
        }
    }

    /// The bytes were made by the protocol buffers and the checksum of TensorBoard 2.21.
    @Test func recordsHaveTheBytesOfTensorBoard() {
        #expect(
            EventRecord.first(wallMicroseconds: 1_500_000)
                == bytes(
                    "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c"
                ))
        let scalars = [
            EventScalar("bitsPerByte/train", 11, over: 2), EventScalar("update/tieRate", 1, of: 3),
        ]
        #expect(
            EventRecord.step(300, wallMicroseconds: 1_234_567_890_123_456, scalars)
                == bytes(
                    "3f000000000000005165766109b4e687b48065d24110ac022a310a180a1162697473506572427974"
                        + "652f747261696e150000b0400a150a0e7570646174652f7469655261746515abaaaa3e88435812"
                ))
    }

    private func metrics(step: Int, validation: ValidationResult? = nil) -> StepMetrics {
        StepMetrics(
            step: step, loss: 16 * 1000 * 5 + 8000, lossFractionBits: 4, memberTokens: 1000,
            changedWeights: 25, weights: 1000, pace: UpdatePace("threshold", 3, over: 4),
            comparisons: 4, ties: 1, stepMicroseconds: 2000, wallMicroseconds: 1_234_567,
            multiplyAccumulates: 4_000_000, validation: validation)
    }

    /// The bits of 5.5, 500000, 2, 0.025, 0.25, 0.75, 4.25 and 4.09 as any debugger shows them.
    @Test func theFiguresOfAStepAreScalars() {
        let result = ValidationResult(
            exactBitsPerByte: "4.2500", integerBitsPerByte: "4.0900", unigramBitsPerByte: "4.2",
            exactQ32: 17 << 30)
        let scalars = metrics(step: 1, validation: result).scalars
        #expect(
            scalars.map(\.tag) == [
                "bitsPerByte/train", "speed/memberTokensPerSecond",
                "speed/gigaMultiplyAccumulatesPerSecond", "update/changedFraction",
                "update/tieRate", "update/threshold", "bitsPerByte/validation",
                "bitsPerByte/validationInteger",
            ])
        #expect(
            scalars.map(\.bits) == [
                0x40B0_0000, 0x48F4_2400, 0x4000_0000, 0x3CCC_CCCD, 0x3E80_0000, 0x3F40_0000,
                0x4088_0000, 0x4082_E148,
            ])
        #expect(metrics(step: 1).scalars.count == 6)
    }

    // MARK: Going on

    /// The steps of the records in the file, 0 for the first; the checksums are checked too.
    private func steps() throws -> [Int] {
        var rest = try Files.read(path, atMost: 1 << 24)[...]
        var steps: [Int] = []
        while !rest.isEmpty {
            let header = Array(rest.prefix(12))
            let length = try #require(EventRecord.contentLength(header))
            rest = rest.dropFirst(12)
            let content = rest.prefix(length)
            #expect(Array(rest.dropFirst(length)).word32(at: 0) == CRC32C.masked(content))
            steps.append(try #require(EventRecord.step(of: content)))
            rest = rest.dropFirst(length + 4)
        }
        return steps
    }

    /// Writes a file of so many steps.
    private func write(steps: Int) throws -> [UInt8] {
        let log = try EventLog(path, keepingSteps: 0)
        for step in 0..<steps { try log.append(metrics(step: step + 1)) }
        try log.sync()
        return try Files.read(path, atMost: 1 << 24)
    }

    @Test(arguments: [0, 1, 127, 128, 300]) func dropsWhatIsDoneAgain(_ done: Int) throws {
        let before = try write(steps: 300)
        #expect(try steps() == Array(0...300))
        let log = try EventLog(path, keepingSteps: done)
        #expect(try steps() == Array(0...done) && log.notices.isEmpty)
        for step in done..<300 { try log.append(metrics(step: step + 1)) }
        #expect(try steps() == Array(0...300))
        #expect(try Files.read(path, atMost: 1 << 24).count == before.count)
    }

    /// Wherever a kill or a power cut has torn the file.
    @Test func aTornRecordIsDoneAgain() throws {
        let whole = try write(steps: 3)
        for count in stride(from: 0, through: whole.count, by: 5) {
            try directory.overwrite("events.out.tfevents", Array(whole[..<count]))
            try EventLog.requireOwn(path)
            let log = try EventLog(path, keepingSteps: 2)
            #expect(log.notices.isEmpty)
            let kept = try steps()
            #expect(kept == Array(0..<kept.count) && (1...3).contains(kept.count))
            for step in (kept.last ?? 0)..<4 { try log.append(metrics(step: step + 1)) }
            #expect(try steps() == Array(0...4))
        }
    }

    /// A flipped bit is found, wherever it is.
    @Test func aDamagedRecordEndsTheFile() throws {
        let whole = try write(steps: 3)
        let second = EventRecord.firstBytes
        for offset in stride(from: second, to: whole.count, by: 3) {
            var bytes = whole
            bytes[offset] ^= 0x10
            try directory.overwrite("events.out.tfevents", bytes)
            let log = try EventLog(path, keepingSteps: 3)
            let kept = try steps()
            #expect(kept == Array(0..<kept.count) && kept.count < 4)
            let record = kept.count + 1
            #expect(
                log.notices == [
                    "\(path): record \(record) is damaged; TensorBoard would read no further, so the"
                        + " file is cut there"
                ])
        }
    }

    @Test(arguments: ["x", "notes of mine, longer than a header", "\u{18}\u{0}x"])
    func aFileOfOthersIsRefused(_ text: String) throws {
        try directory.write("events.out.tfevents", text)
        let error = try #require(throws: ResumeError.self) { try EventLog.requireOwn(path) }
        #expect(error.location == path && error.finding.contains("pretrain did not write it"))
    }
}
