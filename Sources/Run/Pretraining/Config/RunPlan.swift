import EvolutionStrategy
import Settings

/// The steps that a run is to have, and the phases behind it in which they were others.
struct RunPlan: Equatable {
    let steps: Int
    let phases: [SchedulePhase]

    /// From the texts of a training state; nil where no rate depends on the steps.
    init?(steps: Int?, phases: String?) {
        guard let steps else { return nil }
        self.steps = steps
        self.phases = SchedulePhase.list(phases ?? "") ?? []
    }

    init(_ config: RunConfig) {
        steps = config.steps
        phases = config.phases
    }

    /// What shaped the first `step` steps.
    func history(_ step: Int) -> [SchedulePhase] {
        SchedulePhase.covering(step, phases: phases, steps: steps)
    }
}

extension RunConfig {
    /// The config that a run of `plan` goes on with after `step` steps: this one, with the phases behind it.
    /// - Returns: Nil where this config says of those steps what did not happen.
    func continuing(_ plan: RunPlan?, after step: Int) -> RunConfig? {
        guard let plan else { return self }
        let history = plan.history(step)
        if RunPlan(self).history(step) == history { return self }
        // It may say less than the run does, nothing else.
        guard history.starts(with: phases) else { return nil }
        var config = self
        // A last phase that was planned as the rest is now is none.
        config.phases = history.last?.steps == steps ? history.dropLast() : history
        return config
    }
}

extension SchedulePhase {
    /// The phases that the section `run` of a config gives, which end before `steps`.
    static func read(
        _ run: ConfigSection, before steps: Int
    ) throws(ConfigError) -> [SchedulePhase] {
        let wanted = "a list such as '6000 of 10000' with rising steps below run.steps"
        return try run.value("phases", wanted) { text in
            guard let phases = list(text), (phases.last?.end ?? 0) < steps,
                phases.allSatisfy({ $0.steps <= RunConfig.stepRange.upperBound })
            else { return nil }
            return phases
        } ?? []
    }

    /// Reads phases as a config has them, such as `6000 of 10000, 12000 of 20000`; nil for any other text.
    static func list(_ text: String) -> [SchedulePhase]? {
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
    static func text(_ phases: [SchedulePhase]) -> String {
        phases.map { "\($0.end) of \($0.steps)" }.joined(separator: ", ")
    }
}
