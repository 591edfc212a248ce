import Evaluation
import EvolutionStrategy
import FixedPoint
import RecurrentLM
import Storage

/// What a step did to each tensor, and how close weights and activations are to their bounds.
public struct StepDiagnostics: Sendable {
    /// One parameter tensor.
    public struct Tensor: Equatable, Sendable {
        /// The tensor's name in a checkpoint.
        public let name: String
        /// The number of weights.
        public let count: Int
        /// The number of weights that are ±127 after the step.
        public let saturated: Int
        /// The number of weights whose value the step changed.
        public let changed: Int
        /// The RMS of the weights after the step, in 1/16 LSB.
        public let rootMeanSquare: Int
        /// The RMS of the votes over that of votes without signal, in 1/1024: 1024 for votes that say nothing.
        /// It is nil for an estimator that does not know the latter.
        public let votesToNoise: Int?
    }

    /// How far the step went.
    public let pace: UpdatePace
    /// All tensors in the order of the layout.
    public let tensors: [Tensor]
    /// The saturation of activations of the noiseless model, in the order of the forward pass.
    public let activations: [ActivationSaturation]

    /// Compares the weights before and after the step.
    init(
        before: Parameters, after: Parameters, votes: Votes, pace: UpdatePace,
        activations: [ActivationSaturation]
    ) {
        self.pace = pace
        self.activations = activations
        tensors = after.layout.tensors.map { tensor in
            let weights = after.values[tensor.id]
            return Tensor(
                name: tensor.name, count: tensor.count,
                saturated: weights.count { $0 == 127 || $0 == -127 },
                changed: zip(before.values[tensor.id], weights).count { $0 != $1 },
                rootMeanSquare: Self.rootMeanSquare(weights, fractionBits: 4),
                votesToNoise: votes.noSignalRMS(of: tensor).map { rms in
                    Self.rootMeanSquare(votes.values[tensor.id].span, fractionBits: 10) / Int(rms)
                })
        }
    }

    /// √(Σv²/n) with fraction bits: 2^31 squared, 2^26 values and 20 bits fit 128.
    private static func rootMeanSquare(
        _ values: some Collection<some SignedInteger>, fractionBits: Int
    ) -> Int {
        let sum = values.reduce(UInt128(0)) { sum, value in
            sum + UInt128(Int64(value).magnitude * Int64(value).magnitude)
        }
        return Int(
            integerSquareRoot((sum << UInt128(2 * fractionBits)) / UInt128(max(1, values.count))))
    }
}

// MARK: - As text

extension StepDiagnostics {
    private var paceMember: JSONValue.Member {
        .init(pace.name, .number(pace.text()))
    }

    var json: JSONValue {
        let tensors = tensors.map { tensor in
            var members: [JSONValue.Member] = [
                .init("name", .string(tensor.name)),
                .init("saturated", .fraction(tensor.saturated, of: tensor.count)),
                .init("changed", .fraction(tensor.changed, of: tensor.count)),
                .init(
                    "rms",
                    .number(
                        DecimalText.format(Int64(tensor.rootMeanSquare), over: 16, decimals: 2))),
            ]
            if let ratio = tensor.votesToNoise {
                members.append(
                    .init(
                        "votesToNoise",
                        .number(DecimalText.format(Int64(ratio), over: 1024, decimals: 3))))
            }
            return JSONValue.object(members)
        }
        let activations = activations.map { activation in
            JSONValue.object([
                .init("name", .string(activation.name)),
                .init(
                    "saturated",
                    .fraction(activation.saturated, of: activation.values)),
            ])
        }
        return .object([
            paceMember, .init("tensors", .array(tensors)),
            .init("activations", .array(activations)),
        ])
    }
}
