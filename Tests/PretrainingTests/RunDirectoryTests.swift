import Storage
import TestSupport
import Testing

@testable import Pretraining

/// Checkpoint directories: complete or not there, linked, pruned.
@Suite struct RunDirectoryTests {
    private let temporary: TemporaryDirectory
    private let directory: RunDirectory

    init() throws {
        temporary = try TemporaryDirectory()
        directory = RunDirectory(path: temporary.file("run"))
        _ = try directory.createLocked()
    }

    private func publish(_ steps: Int...) throws {
        for step in steps {
            try directory.publish(step: step) { path in
                try AtomicFile.write(Array("\(step)".utf8), to: Paths.join(path, "file"))
            }
        }
    }

    private var names: [String] {
        get throws { try Files.list(Paths.join(directory.path, "checkpoints")) }
    }

    private func link(_ name: String) throws -> String? {
        try Files.linkTarget(Paths.join(directory.path, name))
    }

    @Test func isEmptyAtFirst() throws {
        #expect(try directory.steps().isEmpty)
        #expect(try RunDirectory(path: temporary.file("none")).steps().isEmpty)
        #expect(try !RunDirectory(path: temporary.file("none")).holdsRun)
        #expect(try !directory.holdsRun)
    }

    @Test func publishes() throws {
        try publish(5, 10)
        #expect(try names == ["step-00000005", "step-00000010"])
        #expect(try directory.steps() == [5, 10])
        #expect(try link("latest") == "checkpoints/step-00000010")
        #expect(try link("best") == nil)
    }

    @Test func sortsBeyondEightDigits() throws {
        try publish(100_000_000, 99_999_999)
        #expect(try directory.steps() == [99_999_999, 100_000_000])
    }

    @Test func publishingAgainReplaces() throws {
        try publish(5)
        let stray = Paths.join(directory.checkpoint(step: 5), "stray")
        try AtomicFile.write([], to: stray)
        try publish(5)
        #expect(try Files.list(directory.checkpoint(step: 5)) == ["file"])
    }

    @Test func aFailureLeavesTheFormerCheckpoint() throws {
        struct Failure: Error {}
        try publish(5)
        for step in [5, 6] {
            #expect(throws: Failure.self) {
                try directory.publish(step: step) { path in
                    try AtomicFile.write([], to: Paths.join(path, "half"))
                    throw Failure()
                }
            }
        }
        #expect(try names == ["step-00000005"])
        #expect(try Files.list(directory.checkpoint(step: 5)) == ["file"])
        #expect(try link("latest") == "checkpoints/step-00000005")
    }

    @Test func ignoresWhatIsNoCheckpoint() throws {
        try publish(5)
        for name in [
            "step-00000009.partial", "step-", "step-x", "notes", "step-100", "step-+0000009",
            "step--0000009", "step-000000009",
        ] {
            try Files.createDirectory(Paths.join(directory.path, "checkpoints/\(name)"))
        }
        #expect(try directory.steps() == [5])
    }

    @Test func keepsTheNewestAndTheBest() throws {
        try publish(1, 2)
        try directory.markBest(step: 2)
        try publish(3, 4, 5)
        try directory.prune(keep: 2)
        #expect(try directory.steps() == [2, 4, 5])
        try directory.markBest(step: 5)
        try directory.prune(keep: 1)
        #expect(try directory.steps() == [5])
        #expect(try link("best") == "checkpoints/step-00000005")
    }

    @Test func pruningRemovesWhatACrashLeft() throws {
        try publish(1)
        try Files.createDirectory(directory.checkpoint(step: 9) + AtomicFile.suffix)
        try directory.prune(keep: 3)
        #expect(try names == ["step-00000001"])
    }

    /// A crash may come between the name of a checkpoint and the links to it.
    @Test func repairsWhatACrashLeftUndone() throws {
        try publish(1, 2, 3)
        try Files.replaceLink(Paths.join(directory.path, "latest"), target: "checkpoints/none")
        try directory.repair(step: 3, best: 1, keep: 1)
        #expect(try link("latest") == "checkpoints/step-00000003")
        #expect(try link("best") == "checkpoints/step-00000001")
        #expect(try directory.steps() == [1, 3])
        try directory.repair(step: 3, best: 2, keep: 1)  // that checkpoint is gone
        #expect(try link("best") == "checkpoints/step-00000001")
    }

    @Test func isLockedForOne() throws {
        let lock = try directory.lock()
        try withExtendedLifetime(lock) {
            let error = try #require(throws: ResumeError.self) { try directory.lock() }
            #expect(error.finding == "is in use by another pretrain")
        }
    }

    @Test func isMadeForOneRun() throws {
        try directory.requireFree()
        try AtomicFile.write(Array(RunFiles.configOpening.utf8), to: directory.config)
        #expect(throws: ResumeError.self) { try directory.createLocked() }
        #expect(throws: ResumeError.self) { try directory.requireFree() }
    }

    @Test func aFileOfTheNameOfALinkIsLeftAlone() throws {
        try AtomicFile.write([1], to: Paths.join(directory.path, "latest"))
        #expect(throws: FileError.self) { try publish(1) }
        #expect(try Files.read(Paths.join(directory.path, "latest"), atMost: 9) == [1])
    }
}
