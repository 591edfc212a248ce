import Diagnostics
import Processes
import RecurrentLM
import Storage

/// Processes that should have the same weights and have not.
struct WeightMismatch: UserError {
    let location: String
    let finding: String
    let remedy =
        "check the memory and processor of that machine; resume from the last checkpoint, it is from before"
}

extension ProcessGroup {
    /// Checks that all processes have the same weights. Collective.
    /// - Throws: `SharedFailure` naming the process that differs from most others, and its first tensor that
    ///   does.
    func requireSameWeights(_ parameters: Parameters, step: Int) throws {
        guard count > 1 else { return }
        let digests = allGather(parameters.layoutDigest)
        guard Set(digests).count > 1 else { return }
        var tensors: [[UInt64]] = []
        for tensor in parameters.values {
            tensors.append(allGather(tensor.withUnsafeBytes { XXH64.hash($0) }))
        }
        let odd = Self.minority(digests)
        let differing = tensors.indices.first { Self.differs(odd, in: tensors[$0]) } ?? 0
        let hosts = allGather(host)
        throw SharedFailure(
            WeightMismatch(
                location: "step \(step): \(name(rank: odd, host: hosts[odd]))",
                finding:
                    "its weights \(parameters.layout.tensors[differing].name) differ from those of"
                    + " the others"))
    }

    /// The first rank whose digest is not the most frequent one; of two processes that differ it is rank 1.
    private static func minority(_ digests: [UInt64]) -> Int {
        let usual = usual(digests)
        return digests.firstIndex { $0 != usual } ?? 0
    }

    private static func differs(_ rank: Int, in digests: [UInt64]) -> Bool {
        digests[rank] != usual(digests)
    }

    /// The most frequent digest; of equally frequent ones, that of the lowest rank.
    private static func usual(_ digests: [UInt64]) -> UInt64 {
        var counts: [UInt64: Int] = [:]
        for digest in digests { counts[digest, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        return digests.first { counts[$0] == most } ?? 0
    }
}
