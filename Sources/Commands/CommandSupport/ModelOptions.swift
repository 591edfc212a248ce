import ArgumentParser
import Checkpoints
import RecurrentLM

extension GateFunction: ExpressibleByArgument {}
extension CandidateFunction: ExpressibleByArgument {}
extension MLPFunction: ExpressibleByArgument {}

/// The model of a command that runs one, and what its file may not say.
public struct ModelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The model.", valueName: "path"))
    public var checkpoint: String

    @Option(
        help: ArgumentHelp(
            "The gate's function, where the model's file was saved again without it.",
            valueName: "function"))
    var gate: GateFunction?

    @Option(help: ArgumentHelp("The candidate's function, likewise.", valueName: "function"))
    var candidate: CandidateFunction?

    @Option(help: ArgumentHelp("The MLP's function, likewise.", valueName: "function"))
    var mlp: MLPFunction?

    public init() {}

    /// The flags as they were given, for another command that takes them.
    public var arguments: [String] {
        let functions = [
            ("--gate", gate?.rawValue), ("--candidate", candidate?.rawValue),
            ("--mlp", mlp?.rawValue),
        ]
        return ["--checkpoint", checkpoint]
            + functions.flatMap { flag, value in value.map { [flag, $0] } ?? [] }
    }

    /// The functions that the flags say.
    public var functions: ModelFunctions {
        ModelFunctions(gate: gate, candidate: candidate, mlp: mlp)
    }
}
