import Settings
import TestSupport
import Testing

@testable import Pretraining

/// The keys that have no default.
let minimalConfig = """
    data:
      shards: shards
    model:
      hidden: 16
      layers: 2
    population:
      size: 8
      segmentTokens: 4
    run:
      steps: 10
    update:
      rule: threshold
    """

/// Location without the directory, finding and remedy of the error of a config.
func configError(_ text: String, _ overrides: [String] = []) throws -> ConfigError {
    let directory = try TemporaryDirectory()
    let file = try directory.write("run.yaml", text)
    let error = try #require(throws: ConfigError.self) {
        try RunConfig(file: file, overrides: overrides)
    }
    return ConfigError(
        error.location.replacing(directory.path + "/", with: ""), error.finding,
        remedy: error.remedy)
}
