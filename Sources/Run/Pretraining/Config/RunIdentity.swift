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
    /// XXH64 over the weights in the order of the layout.
    var weightsDigest: UInt64 {
        var hash = XXH64()
        for tensor in values {
            tensor.withUnsafeBytes { hash.update($0) }
        }
        return hash.digest()
    }

    /// ``weightsDigest`` as 16 hexadecimal digits.
    var weightsHash: String { XXH64.hex(weightsDigest) }
}
