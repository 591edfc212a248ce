import EvolutionStrategy
import Journal
import RecurrentLM
import Storage

extension RunConfig {
    /// XXH64 over the lines `section.key=value` of the settings that shape the weights, as they were when the run
    /// began: a run that is continued with more steps keeps its journal.
    var identity: UInt64 {
        var original = self
        original.steps = phases.first?.steps ?? steps
        original.phases = []
        var hash = XXH64()
        for setting in original.settings where setting.shapesWeights {
            hash.update(Array("\(setting.path)=\(setting.value)\n".utf8))
        }
        return hash.digest()
    }

    /// What the journal of a run of this config begins with.
    func journalHeader(
        content: VoteOrigin, dataIdentity: UInt64, initialWeights: UInt64
    ) -> JournalHeader {
        JournalHeader(
            content: content, seed: seed, configIdentity: identity, dataIdentity: dataIdentity,
            initialWeights: initialWeights)
    }
}

extension Parameters {
    /// XXH64 over the weights in the order of the layout, then over the rows of the contexts.
    var weightsDigest: UInt64 {
        var hash = layoutHash
        for table in [contexts, direct].compactMap({ $0 }) {
            let (count, size) = (table.rows * table.width, Self.hashedBytes)
            var block = [UInt8](repeating: 0, count: size)
            for first in stride(from: 0, to: count, by: size) {
                let range = first..<min(first + size, count)
                block.withUnsafeMutableBytes { bytes in
                    let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<range.count])
                    table.saveWeights(range, into: part)
                    hash.update(UnsafeRawBufferPointer(part))
                }
            }
        }
        return hash.digest()
    }

    /// The bytes of a table that are hashed at a time.
    private static let hashedBytes = 1 << 20

    /// XXH64 over the weights of the layout alone: a step is followed by it, as the rows of contexts may be billions.
    var layoutDigest: UInt64 { layoutHash.digest() }

    private var layoutHash: XXH64 {
        var hash = XXH64()
        for tensor in values {
            tensor.withUnsafeBytes { hash.update($0) }
        }
        return hash
    }

    /// ``weightsDigest`` as 16 hexadecimal digits.
    var weightsHash: String { XXH64.hex(weightsDigest) }
}
