import EvolutionStrategy
import Storage

/// What a journal keeps of one step.
public struct JournalRecord: Equatable, Sendable {
    /// What the votes of a step came from.
    public enum Outcome: Equatable, Sendable {
        /// The fitness of all directions, which the votes follow from.
        case fitness(Fitness)
        /// XXH64 of the votes, by tensor id, little-endian.
        case votesDigest(UInt64)
    }

    /// The steps done, this one included.
    public let step: Int
    /// What the votes of the step came from.
    public let outcome: Outcome
    /// XXH64 of the weights after the step; nil on steps without one.
    public let weightsDigest: UInt64?

    /// Makes the record of a step.
    public init(step: Int, outcome: Outcome, weightsDigest: UInt64?) {
        self.step = step
        self.outcome = outcome
        self.weightsDigest = weightsDigest
    }

    /// The bytes of size, flags and step, which a record begins with.
    static let prefixBytes = 16
    /// The bytes of each hash: a digest of the weights, and the checksum.
    private static let hashBytes = 8
    /// The flag of a record that holds a digest of the weights.
    private static let digestFlag: UInt32 = 1

    static func byteCount(_ content: VoteOrigin, hasDigest: Bool) -> Int {
        prefixBytes + content.byteCount + (hasDigest ? 2 : 1) * hashBytes
    }

    /// The record's bytes, its checksum last; `chain` is the checksum of the record before, or of the header.
    func encoded(chain: UInt64) -> [UInt8] {
        var body: [UInt8] = []
        switch outcome {
        case .fitness(let fitness): body = FitnessPacking(fitness.form).pack(fitness.values)
        case .votesDigest(let digest): body.append(littleEndian: digest)
        }
        let size =
            Self.prefixBytes + body.count + (weightsDigest == nil ? 1 : 2) * Self.hashBytes
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        bytes.append(littleEndian: UInt32(size))
        bytes.append(littleEndian: weightsDigest == nil ? 0 : Self.digestFlag)
        bytes.append(littleEndian: UInt64(step))
        bytes += body
        if let weightsDigest { bytes.append(littleEndian: weightsDigest) }
        bytes.append(littleEndian: Self.checksum(bytes[...], chain: chain))
        return bytes
    }

    /// The size of the record that begins with these 16 bytes; nil where no record of `content` does.
    static func byteCount(prefix: [UInt8], _ content: VoteOrigin) -> Int? {
        let flags = prefix.word32(at: 4)
        guard flags & ~digestFlag == 0 else { return nil }
        let size = byteCount(content, hasDigest: flags & digestFlag != 0)
        return prefix.word32(at: 0) == UInt32(size) ? size : nil
    }

    /// Takes apart a record of a size that ``byteCount(prefix:_:)`` gave.
    /// - Returns: Nil where the checksum is wrong, or the content stands for no values.
    init?(_ bytes: [UInt8], content: VoteOrigin, chain: UInt64) {
        let end = bytes.count - Self.hashBytes
        guard Self.checksum(bytes[..<end], chain: chain) == bytes.word64(at: end) else {
            return nil
        }
        let body = bytes[Self.prefixBytes..<Self.prefixBytes + content.byteCount]
        switch content {
        case .fitness(let form, let directions):
            guard let values = FitnessPacking(form).unpack(body, directions: directions) else {
                return nil
            }
            outcome = .fitness(Fitness(form, values: values))
        case .evaluation:
            outcome = .votesDigest(bytes.word64(at: body.startIndex))
        }
        guard let step = Int(exactly: bytes.word64(at: 8)) else { return nil }
        self.step = step
        weightsDigest = body.endIndex == end ? nil : bytes.word64(at: body.endIndex)
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>, chain: UInt64) -> UInt64 {
        var hash = XXH64(seed: chain)
        bytes.withUnsafeBytes { hash.update($0) }
        return hash.digest()
    }
}
