import Diagnostics
import Storage
import TestSupport
import Testing

/// The inputs under Fixtures/fuzz, and what can be made of them by small changes: each is read or refused with a
/// typed error that says what to do.
@Suite struct FuzzInputTests {
    private func inputs(_ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let directory = PackageFiles.fixture("fuzz/\(target.rawValue)")
        return try Files.list(directory).map {
            ($0, try Files.read(Paths.join(directory, $0), atMost: 1 << 20))
        }
    }

    /// Whether the reader took the bytes.
    private func isRead(_ target: FuzzTarget, _ bytes: [UInt8], in directory: String) throws -> Bool
    {
        do {
            try target.read(bytes, in: directory)
            return true
        } catch let error as any UserError {
            #expect(!error.finding.isEmpty && !error.remedy.isEmpty)
            return false
        }
    }

    @Test(arguments: FuzzTarget.allCases) func areReadOrRefused(_ target: FuzzTarget) throws {
        let directory = try TemporaryDirectory()
        let inputs = try inputs(target)
        #expect(inputs.count > 1)
        for (name, bytes) in inputs {
            let isRead = try isRead(target, bytes, in: directory.path)
            // A seed that its reader refuses would show the fuzzer nothing.
            #expect(isRead || name.hasPrefix("finding-") || name == "foreign", "\(name)")
        }
    }

    @Test(arguments: FuzzTarget.allCases) func areReadOrRefusedWhenCutOff(_ target: FuzzTarget)
        throws
    {
        let directory = try TemporaryDirectory()
        for (_, bytes) in try inputs(target) {
            for count in stride(from: 0, to: bytes.count, by: 1 + bytes.count / 60) {
                _ = try isRead(target, Array(bytes[..<count]), in: directory.path)
            }
        }
    }

    @Test(arguments: FuzzTarget.allCases) func areReadOrRefusedWhenChanged(_ target: FuzzTarget)
        throws
    {
        let directory = try TemporaryDirectory()
        for (_, bytes) in try inputs(target) {
            for place in stride(from: 0, to: bytes.count, by: 1 + bytes.count / 60) {
                var changed = bytes
                for byte in [0, 0xFF, UInt8(ascii: "9"), bytes[place] ^ 1] {
                    changed[place] = byte
                    _ = try isRead(target, changed, in: directory.path)
                }
            }
        }
    }
}
