/// Whether the processes of a run share its update: votes and rule. No result depends on it.
public enum UpdateSharing: String, CaseIterable, Sendable {
    /// Each does all of it, and they send each other what the update is made from, nothing else.
    case never
    /// Each does that of some rows, and they send each other the weights that changed.
    case always
    /// Whichever should take less time.
    case auto

    // Nanoseconds. A thread adds up the votes of a weight at some 25 a nanosecond and applies a rule to it in
    // one or two; the weights that changed are a byte a weight at most, at 1 GB/s, in two more messages to all.
    private static let votesPerNanosecond = 25
    private static let ruleTime = 2
    private static let exchangeTime = 1
    private static let messagesTime = 100_000

    /// - Parameters:
    ///   - weights: of the model; below 2^34.
    ///   - directions: whose votes each process would count; 0 where votes are added up anyhow.
    ///   - threads: of each process.
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
