import EvolutionStrategy

/// The steps that a run is to have, and the earlier phases for which it was to have another number.
struct RunPlan: Equatable {
    let steps: Int
    let phases: [SchedulePhase]

    /// Reads a plan from the texts of a training state; nil where no rate depends on the steps.
    init?(steps: Int?, phases: String?) {
        guard let steps else { return nil }
        self.steps = steps
        self.phases = SchedulePhase.list(phases ?? "") ?? []
    }

    init(_ config: RunConfig) {
        steps = config.steps
        phases = config.phases
    }

    /// The phases of the first `step` steps: what shaped their rates.
    func history(_ step: Int) -> [SchedulePhase] {
        SchedulePhase.covering(step, phases: phases, steps: steps)
    }
}

extension RunConfig {
    /// The config that a run of `plan` goes on with after `step` steps: this one, with the phases before them.
    /// - Returns: Nil where this config says of those steps what did not happen.
    func continuing(_ plan: RunPlan?, after step: Int) -> RunConfig? {
        guard let plan else { return self }
        let history = plan.history(step)
        if RunPlan(self).history(step) == history { return self }
        // It may say less than the run does, nothing else.
        guard history.starts(with: phases) else { return nil }
        var config = self
        // A last phase that was planned as the rest is now is no phase.
        config.phases = history.last?.steps == steps ? history.dropLast() : history
        return config
    }
}
