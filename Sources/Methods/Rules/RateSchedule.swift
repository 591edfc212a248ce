/// A rate and a decay that fall to 0 over the steps of a run. Both have 32 fraction bits.
public struct RateSchedule: Equatable, Sendable {
    /// The rate at step 0; its unit is the rule's.
    public var rate: Int64
    /// The part of its value that a weight loses in a step at rate 1.
    public var decay: Int64
    /// S, the steps over which the rate falls to 0.
    public var steps: Int
    /// What S was in earlier steps, for a run that was continued with another number of steps.
    public var phases: [SchedulePhase] = []

    /// The number that stands for 1 in rates and decays.
    public static let one: Int64 = 1 << 32
    /// The rates that a schedule may begin with.
    public static let rateRange: ClosedRange<Int64> = 0...(16 << 32)
    /// The decays that a schedule may begin with: up to 1/256, so that decay at the largest rate stays within 1/16 and
    /// its product with a fine weight, below 2^34 before the clamp, within 2^62.
    public static let decayRange: ClosedRange<Int64> = 0...(1 << 24)

    /// Makes a schedule from the rate and the decay at step 0, both with 32 fraction bits.
    public init(rate: Int64, decay: Int64, steps: Int, phases: [SchedulePhase] = []) {
        self.rate = rate
        self.decay = decay
        self.steps = steps
        self.phases = phases
    }

    /// The rate of a step, rate₀ · (1 - s/S), with 32 fraction bits; at most 2^36.
    public func rate(step: Int) -> Int64 { falling(rate, step: step) }

    /// The decay of a step, decay · (1 - s/S), with 32 fraction bits.
    func fallingDecay(step: Int) -> Int64 { falling(decay, step: step) }

    private func falling(_ value: Int64, step: Int) -> Int64 {
        let steps = phases.first { step < $0.end }?.steps ?? steps
        let left = Int128(max(0, steps - step))
        return Int64(Int128(value) * left / Int128(max(1, steps)))
    }

    /// The decay times the rate of a step, decay · rate_s, with 32 fraction bits.
    func decay(step: Int) -> Int64 {
        Int64((Int128(decay) * Int128(rate(step: step))) >> 32)
    }
}
