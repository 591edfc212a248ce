/// Whether the processes of a run share its update: votes and rule. No result depends on it.
public enum UpdateSharing: String, CaseIterable, Sendable {
    /// Each process does all of it, and they send each other only what the update is made from.
    case never
    /// Each process does the part of some rows, and they send each other the weights that changed.
    case always
    /// They share it where that should take less time.
    case auto

    // Nanoseconds. A thread adds up the votes of a weight at some 25 a nanosecond and applies a rule to it in
    // one or two; the weights that changed are a byte a weight at most, at 1 GB/s, in two more messages to all.
    private static let votesPerNanosecond = 25
    private static let ruleTime = 2
    private static let exchangeTime = 1
    private static let messagesTime = 100_000

    /// Whether the processes share the update.
    /// - Parameters:
    ///   - weights: The weights of the model; below 2^34.
    ///   - directions: The directions whose votes each process would count; 0 where votes are added up anyhow.
    ///   - threads: The threads of each process, by rank.
    func isShared(weights: Int, directions: Int, threads: [Int]) -> Bool {
        let processes = threads.count
        guard processes > 1 else { return false }
        switch self {
        case .never: return false
        case .always: return true
        case .auto:
            let alone =
                weights * (directions / Self.votesPerNanosecond + Self.ruleTime)
                / (threads.min() ?? 1)
            let saved = alone - alone / processes
            return saved > weights * Self.exchangeTime + Self.messagesTime
        }
    }
}
