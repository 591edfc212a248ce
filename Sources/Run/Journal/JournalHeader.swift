import EvolutionStrategy
import Storage

/// What a journal belongs to. It is the first 72 bytes of the file; see <doc:JournalFormat>.
public struct JournalHeader: Equatable, Sendable {
    /// What every record holds of its step.
    public var content: VoteOrigin
    /// The steps that the run had done when the journal began: 0, or those of the checkpoint that it
    /// was begun anew from.
    public var firstStep: Int
    /// The seed of the run.
    public var seed: UInt64
    /// XXH64 over the settings that shape the weights.
    public var configIdentity: UInt64
    /// A hash over the training tokens; see `ShardSet.contentHash(_:)`.
    public var dataIdentity: UInt64
    /// XXH64 of the weights at ``firstStep``.
    public var initialWeights: UInt64

    /// The version of the format that this program writes and reads.
    public static let version: UInt32 = 1
    static let byteCount = 72
    private static let magic = Array(RunFiles.journalOpening.utf8)

    /// Makes the header of a journal that is to begin.
    public init(
        content: VoteOrigin, firstStep: Int = 0, seed: UInt64, configIdentity: UInt64,
        dataIdentity: UInt64, initialWeights: UInt64
    ) {
        self.content = content
        self.firstStep = firstStep
        self.seed = seed
        self.configIdentity = configIdentity
        self.dataIdentity = dataIdentity
        self.initialWeights = initialWeights
    }

    /// The header as it begins the file, its checksum last.
    var encoded: [UInt8] {
        var bytes = Self.magic
        bytes.append(littleEndian: Self.version)
        bytes.append(littleEndian: content.code)
        bytes.append(littleEndian: UInt64(content.directions))
        bytes.append(littleEndian: UInt64(firstStep))
        for word in [seed, configIdentity, dataIdentity, initialWeights] {
            bytes.append(littleEndian: word)
        }
        bytes.append(littleEndian: XXH64.hash(bytes))
        return bytes
    }

    /// The checksum of the header, which the chain of the records' checksums begins with.
    var chain: UInt64 { encoded.word64(at: Self.byteCount - 8) }

    /// Takes apart the first bytes of a journal.
    /// - Throws: ``JournalError`` where the bytes are no header of this version.
    init(_ bytes: [UInt8], path: String) throws(JournalError) {
        func problem(
            _ finding: String, _ remedy: String, isOfOtherVersion: Bool = false
        ) -> JournalError {
            JournalError(
                path, byte: 0, step: 0, finding, remedy: remedy, isOfOtherVersion: isOfOtherVersion)
        }
        guard bytes.starts(with: Self.magic) else {
            throw problem("is not a journal", "name the journal of a run directory")
        }
        // The version comes before the checksum: a later version may have a header of another size.
        guard bytes.count >= 12, case let version = bytes.word32(at: 8) else {
            throw problem("its header is cut off", "restore it from a copy")
        }
        guard version == Self.version else {
            throw problem(
                "has format version \(version), and this program reads \(Self.version)",
                "use the version of the toolkit that wrote it", isOfOtherVersion: true)
        }
        guard bytes.count == Self.byteCount,
            XXH64.hash(Array(bytes.dropLast(8))) == bytes.word64(at: Self.byteCount - 8)
        else { throw problem("its header does not match its checksum", "restore it from a copy") }
        guard
            let content = VoteOrigin(
                code: bytes.word32(at: 12), directions: bytes.word64(at: 16)),
            let firstStep = Int(exactly: bytes.word64(at: 24)), firstStep < 1 << 62
        else {
            throw problem(
                "its header names a content that is unknown",
                "use the version of the toolkit that wrote it", isOfOtherVersion: true)
        }
        self.init(
            content: content, firstStep: firstStep, seed: bytes.word64(at: 32),
            configIdentity: bytes.word64(at: 40), dataIdentity: bytes.word64(at: 48),
            initialWeights: bytes.word64(at: 56))
    }
}
