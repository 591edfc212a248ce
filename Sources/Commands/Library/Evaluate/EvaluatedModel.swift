import Diagnostics
import RecurrentLM
import Storage
import TextGeneration

/// What reports say of a model. The weights are not kept.
struct EvaluatedModel {
    /// The file that it was read from.
    let path: String
    let step: Int
    let parameters: Int
    let config: ModelConfig

    init(_ model: TextModel) {
        (path, step, config) = (model.path, model.step, model.config)
        parameters = model.prepared.layout.parameterCount
    }

    /// The file and the step on one line.
    var line: String { "\(path.asPlainLine) (step \(step))" }

    /// The rows of contexts: they are added, which no multiply-accumulate counts.
    var rowsOfContexts: String {
        guard !config.contexts.isEmpty else { return "" }
        return ", and \(config.contextRows) rows of contexts that are looked up and added"
    }

    var members: [JSONValue.Member] {
        [.init("model", .string(path)), .init("step", .integer(step))]
    }
}
