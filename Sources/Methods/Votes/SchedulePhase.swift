/// The steps of a run up to one of them, done while the run was to have another number of steps than it has now.
///
/// Worked example: 6000 steps of a run of 10,000 that is then continued to 20,000 are a phase with `end` 6000 and
/// `steps` 10,000; from step 6000 on the rate is that of a run of 20,000.
public struct SchedulePhase: Equatable, Sendable {
    /// The first step behind it.
    public let end: Int
    /// S, over which the rate fell in it.
    public let steps: Int

    public init(end: Int, steps: Int) {
        self.end = end
        self.steps = steps
    }

    /// The phases of the first `step` steps of a run: neighbours that have the same `steps` are one.
    /// - Parameter steps: what the run has behind `phases`.
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
