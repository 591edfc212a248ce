import ArgumentParser
import EvolutionStrategy
import RecurrentLM

/// A method that `kernel-bench` measures, with the settings of a usual run.
enum BenchMethod: String, CaseIterable, ExpressibleByArgument {
    /// The paper's: noise on the weights, the residual rule.
    case eggroll
    /// That of the quickstart: noise on activations, the head by its own error, learned feedback, the momentum rule.
    case nodePerturbation = "node-perturbation"

    /// The models that are measured where none is named.
    var usualModels: [ModelConfig] {
        switch self {
        case .eggroll:
            [(6, 256, 1024), (2, 128, 512), (1, 64, 64), (4, 512, 2048)].map {
                model(layers: $0, hidden: $1, mlpWidth: $2)
            }
        case .nodePerturbation:
            [[], Self.quickstartContexts].map { contexts in
                var model = model(layers: 1, hidden: 128, mlpWidth: 128)
                model.contexts = contexts
                model.contextRows = contexts.isEmpty ? 0 : Self.quickstartRows
                return model
            }
        }
    }

    private static let quickstartContexts: [ContextKind] =
        (2...6).map(ContextKind.bytes) + [.word, .wordPair]
    private static let quickstartRows = 1 << 21

    /// A model without contexts, with the functions that suit the method.
    func model(layers: Int, hidden: Int, mlpWidth: Int) -> ModelConfig {
        ModelConfig(
            hidden: hidden, layers: layers, mlpWidth: mlpWidth,
            gate: self == .eggroll ? .identity : .sigmoid, mlp: .relu)
    }

    /// The tokens of a segment where no number is given.
    var usualTokens: Int { self == .eggroll ? 25 : 8 }

    /// The method as a config would name it.
    func method(_ population: Population) -> any Method {
        switch self {
        case .eggroll:
            Eggroll(
                population: population, fitness: .magnitude4,
                rule: ResidualSettings(rates: Self.rates(RateSchedule.one, decay: 1000)))
        case .nodePerturbation:
            NodePerturbation(
                population: population, noise: NodePerturbationSettings(feedback: .learned),
                rule: MomentumSettings(rates: Self.rates(RateSchedule.one / 31)))
        }
    }

    /// Rates that hardly fall, and a decay of 1/`decay`; 0 for none.
    private static func rates(_ rate: Int64, decay: Int64 = 0) -> RateSchedule {
        RateSchedule(rate: rate, decay: decay > 0 ? RateSchedule.one / decay : 0, steps: 1 << 20)
    }
}
