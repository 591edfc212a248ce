import EvolutionStrategy
import RecurrentLM
import Settings

/// What the parts of a config ask of each other.
extension RunConfig {
    /// A fiftieth of them, which is for validation, holds some whole stories.
    private static let leastStorybookBytes = 250_000

    /// Reports what model and population refuse at the place of the setting.
    func checkCombinations(_ document: ConfigDocument) throws {
        guard storybookBytes == 0 || storybookBytes >= Self.leastStorybookBytes else {
            throw ConfigError(
                document.location(of: "data.storybookBytes"),
                "'data.storybookBytes' is \(storybookBytes), too few for a corpus",
                remedy: "use 0 or at least \(Self.leastStorybookBytes)")
        }
        guard validation.tokens != 1 else {
            throw ConfigError(
                document.location(of: "validation.tokens"),
                "'validation.tokens' is 1, and a token is scored by what came before it",
                remedy: "use 2 or more, or 0 for the whole validation split")
        }
        try checkRule(document)
        do {
            try model.validate()
            try population.validate(for: model, loss: loss)
            switch estimator {
            case .weights: try population.validateVotes(fitness)
            case .activations(let settings): try settings.validate(population)
            }
        } catch {
            throw ConfigError(
                document.location(of: error.location), "\(error.location): \(error.finding)",
                remedy: error.remedy)
        }
    }

    /// Refuses a rule that cannot use the votes of the estimator, with the reason.
    private func checkRule(_ document: ConfigDocument) throws(ConfigError) {
        switch (estimator.name, update.rule) {
        case (.weights, .threshold) where fitness != .sign:
            throw ConfigError(
                document.location(of: "population.fitness"),
                "'population.fitness' is \(fitness), and the threshold rule counts signs",
                remedy: "use sign, or update.rule: residual")
        case (.activations, .threshold), (.activations, .residual):
            throw ConfigError(
                document.location(of: "update.rule"),
                "'update.rule' is \(update.rule), which needs to know how large a vote without signal"
                    + " is; with population.estimator: activations that differs from matrix to matrix",
                remedy: "use update.rule: momentum, or population.estimator: weights")
        case (.activations, .momentum) where loss != .fine:
            throw ConfigError(
                document.location(of: "model.lossFractionBits"),
                "'model.lossFractionBits' is \(loss.rawValue), too coarse to compare the losses of single"
                    + " tokens, as population.estimator: activations does",
                remedy: "use \(LossResolution.fine.rawValue), or leave it out")
        default: break
        }
    }
}
