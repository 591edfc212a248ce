import Settings

/// A stretch of a run's steps that were done while the run was to have another number of steps than it has now.
///
/// Worked example: 6000 steps of a run of 10,000 that is then continued to 20,000 are a phase with `end` 6000 and
/// `steps` 10,000; from step 6000 on the rate is that of a run of 20,000.
public struct SchedulePhase: Equatable, Sendable {
    /// The first step after the phase.
    public let end: Int
    /// S, the steps over which the rate fell in the phase.
    public let steps: Int

    /// Makes the phase that ends before step `end`.
    public init(end: Int, steps: Int) {
        self.end = end
        self.steps = steps
    }

    /// The phases of the first `step` steps of a run: neighbours that have the same `steps` are one.
    /// - Parameters:
    ///   - step: How many steps were done.
    ///   - phases: The phases before them.
    ///   - steps: The number of steps that the run has after `phases`.
    public static func covering(
        _ step: Int, phases: [SchedulePhase], steps: Int
    ) -> [SchedulePhase] {
        var covering: [SchedulePhase] = []
        for phase in phases + [SchedulePhase(end: .max, steps: steps)]
        where (covering.last?.end ?? 0) < step {
            let end = min(phase.end, step)
            if covering.last?.steps == phase.steps { covering.removeLast() }
            covering.append(SchedulePhase(end: end, steps: phase.steps))
        }
        return covering
    }
}

extension SchedulePhase {
    /// The most steps that a run may have.
    public static let mostSteps = 1_000_000_000

    /// The phases that the section `run` of a config gives, which end before `steps`.
    static func read(
        _ run: ConfigSection, before steps: Int
    ) throws(ConfigError) -> [SchedulePhase] {
        let wanted = "a list such as '6000 of 10000' with rising steps below run.steps"
        return try run.value("phases", wanted) { text in
            guard let phases = list(text), (phases.last?.end ?? 0) < steps,
                phases.allSatisfy({ $0.steps <= mostSteps })
            else { return nil }
            return phases
        } ?? []
    }

    /// Reads phases as a config has them, such as `6000 of 10000, 12000 of 20000`; nil for any other text.
    public static func list(_ text: String) -> [SchedulePhase]? {
        var phases: [SchedulePhase] = []
        for part in text.split(separator: ",") {
            let words = part.split(separator: " ")
            guard words.count == 3, words[1] == "of", let end = Int(words[0]),
                let steps = Int(words[2]), end > phases.last?.end ?? 0, end <= steps
            else { return nil }
            phases.append(SchedulePhase(end: end, steps: steps))
        }
        return phases
    }

    /// The text that ``list(_:)`` reads.
    public static func text(_ phases: [SchedulePhase]) -> String {
        phases.map { "\($0.end) of \($0.steps)" }.joined(separator: ", ")
    }
}
