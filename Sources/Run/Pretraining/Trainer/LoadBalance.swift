import EvolutionStrategy
import Processes

/// How the processes of a run share its work. No result depends on it; it must be the same in all processes.
public struct WorkSharing: Equatable, Sendable {
    /// Whether the processes share the update.
    public var update: UpdateSharing
    /// The steps between looks at the speed of the processes; 0 leaves the slices as the threads decide them.
    public var rebalanceEvery: Int

    /// Makes a way to share.
    public init(update: UpdateSharing = .auto, rebalanceEvery: Int = 32) {
        self.update = update
        self.rebalanceEvery = rebalanceEvery
    }
}

/// The division of a run's work, and the times that say whether another would be faster.
struct LoadBalance {
    private(set) var division: WorkDivision
    private let interval: Int
    private var steps = 0
    private var microseconds = 0

    /// Begins with a division by threads. Collective.
    init(_ processes: any ProcessGroup, _ sharing: WorkSharing, threads: Int) {
        division = WorkDivision(processes, threads: threads, updateSharing: sharing.update)
        interval = processes.count > 1 ? sharing.rebalanceEvery : 0
    }

    /// Counts a step of `work`; returns whether ``division`` is now another one. Collective.
    mutating func moves(after estimate: Estimate, of work: Population) -> Bool {
        guard interval > 0 else { return false }
        steps += 1
        microseconds += estimate.evaluationMicroseconds
        guard steps == interval else { return false }
        let better = division.rebalanced(afterEvaluating: work, in: microseconds)
        (steps, microseconds) = (0, 0)
        guard let better else { return false }
        division = better
        return true
    }
}
