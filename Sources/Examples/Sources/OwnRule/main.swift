// An update rule of one's own for EGGROLL: a weight moves where its votes have agreed for some steps in a row.
//   OwnRule CONFIG OUTPUT STEPS        where CONFIG says `update: {rule: agreement, patience: 2}`
import EvolutionStrategy
import FixedPoint
import IntegerTensor
import Pretraining
import RecurrentLM
import Settings
import Storage

struct AgreementSettings: RuleSettings {
    static let name = "agreement"
    static let keys = ["patience"]
    let patience: Int

    init(_ reader: RuleReader) throws(ConfigError) {
        patience = try reader.update.integer("patience", default: 2, in: 1...1000)
    }
    var settings: [(key: String, value: String)] { [("patience", "\(patience)")] }
    var bytesPerWeight: Int { 4 }

    func makeRule(parameters: Parameters, slice: WeightSlice, pool: WorkerPool) -> any UpdateRule {
        AgreementRule(Int32(patience), parameters.layout, slice)
    }
}

final class AgreementRule: UpdateRule {
    private let (patience, layout, slice): (Int32, ParameterLayout, WeightSlice)
    /// How many steps in a row each weight's votes have been positive, or negative as a negative number.
    private var streaks: [[Int32]]

    init(_ patience: Int32, _ layout: ParameterLayout, _ slice: WeightSlice) {
        (self.patience, self.layout, self.slice) = (patience, layout, slice)
        streaks = layout.tensors.map { [Int32](repeating: 0, count: $0.count) }
    }

    func apply(_ votes: Votes, to parameters: inout Parameters, step: Int) -> UpdateReport {
        var changed = 0
        for tensor in layout.tensors {
            for weight in slice.weights(of: tensor) {
                let sign = votes.values[tensor.id].span[weight].signum()
                let streak = streaks[tensor.id][weight]
                streaks[tensor.id][weight] = sign == streak.signum() ? streak + sign : sign
                guard abs(streaks[tensor.id][weight]) >= patience else { continue }
                let old = parameters.values[tensor.id][weight]
                parameters.values[tensor.id][weight] = clip(Int32(old) + sign)
                if parameters.values[tensor.id][weight] != old { changed += 1 }
            }
        }
        let pace = UpdatePace("patience", Int64(patience), over: 1, decimals: 0)
        return UpdateReport(changed: changed, total: layout.parameterCount, pace: pace)
    }

    var state: WeightState { ["streak": streaks] }
    func restore(_ state: WeightState) throws(ModelError) {
        streaks = try layout.values("streak", in: state)
    }
}

let (file, output, steps) = (
    CommandLine.arguments[1], CommandLine.arguments[2], CommandLine.arguments[3]
)
let registry = MethodRegistry.standard.adding(AgreementSettings.self, to: Eggroll.self)
let config = try RunConfig(file: file, overrides: ["run.steps=\(steps)"], registry: registry)
let resume = try Files.kind(output) != nil
let trainer = try Trainer(config: config, output: output, resume: resume)
try trainer.run { print("step \($0.step): \($0.changedWeights) weights changed") }
print("weights \(trainer.weightsHash)")
