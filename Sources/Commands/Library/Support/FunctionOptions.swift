import ArgumentParser
import Checkpoints
import RecurrentLM

extension GateFunction: ExpressibleByArgument {}
extension MLPFunction: ExpressibleByArgument {}

/// The flags that name the functions which a model's file may no longer name.
struct FunctionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The gate's function, for a model file that no longer names it.",
            valueName: "function"))
    var gate: GateFunction?

    @Option(help: ArgumentHelp("The MLP's function, likewise.", valueName: "function"))
    var mlp: MLPFunction?

    init() {}

    /// These flags and the model that they are for, for another command that takes them.
    func arguments(checkpoint: String) -> [String] {
        let functions = [
            ("--gate", gate?.rawValue), ("--mlp", mlp?.rawValue),
        ]
        return ["--checkpoint", checkpoint]
            + functions.flatMap { flag, value in value.map { [flag, $0] } ?? [] }
    }

    /// The functions that the flags name.
    var named: ModelFunctions {
        ModelFunctions(gate: gate, mlp: mlp)
    }
}
