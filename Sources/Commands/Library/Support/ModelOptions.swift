import ArgumentParser
import Checkpoints
import RecurrentLM

extension GateFunction: ExpressibleByArgument {}
extension MLPFunction: ExpressibleByArgument {}

/// The flags that name a model, and the functions that its file may no longer name.
struct ModelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The model to read.", valueName: "path"))
    var checkpoint: String

    @Option(
        help: ArgumentHelp(
            "The gate's function, for a model file that no longer names it.",
            valueName: "function"))
    var gate: GateFunction?

    @Option(help: ArgumentHelp("The MLP's function, likewise.", valueName: "function"))
    var mlp: MLPFunction?

    init() {}

    /// The flags as they were given, for another command that takes them.
    var arguments: [String] {
        let functions = [
            ("--gate", gate?.rawValue), ("--mlp", mlp?.rawValue),
        ]
        return ["--checkpoint", checkpoint]
            + functions.flatMap { flag, value in value.map { [flag, $0] } ?? [] }
    }

    /// The functions that the flags name.
    var functions: ModelFunctions {
        ModelFunctions(gate: gate, mlp: mlp)
    }
}
