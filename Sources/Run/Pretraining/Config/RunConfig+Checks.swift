import EvolutionStrategy
import RecurrentLM
import Settings

/// What the parts of a config ask of each other.
extension RunConfig {
    /// The fewest bytes of stories: a fiftieth of them, which is for validation, holds some whole stories.
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
        do {
            try model.validate()
            try method.validate(for: model)
        } catch {
            throw ConfigError(
                document.location(of: error.location), "\(error.location): \(error.finding)",
                remedy: error.remedy)
        }
    }
}
