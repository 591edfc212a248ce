/// Which votes a process counts in a step. No result depends on it: votes are sums of Int32.
public enum VoteSharing: String, CaseIterable, Sendable {
    /// Those of the whole population: processes send each other fitness and nothing else.
    case never
    /// Those of its own directions: processes then add up 4 bytes a weight.
    case always
    /// Whichever should take less time.
    case auto

    /// From so many directions on that a process need not count, adding up votes is cheaper.
    ///
    /// A direction takes a multiply-accumulate a weight and its share of the noise; the sum moves some 8 bytes a
    /// weight to and from each process. At 50 GMAC/s and 1 GB/s that is the time of 400 directions; the rest
    /// is for slower networks.
    private static let leastDirectionsSaved = 1024

    func isShared(directions: Int, processes: Int) -> Bool {
        guard processes > 1 else { return false }
        return switch self {
        case .never: false
        case .always: true
        case .auto: directions - directions / processes >= Self.leastDirectionsSaved
        }
    }
}
