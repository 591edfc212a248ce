import EvolutionStrategy
import FixedPoint
import RecurrentLM
import SeededNoise
import TokenShards

/// The credits that EGGROLL gives the rows of contexts, from their definition.
package struct ReferenceContextVotes {
    private let population: Population
    private let layout: ParameterLayout
    private var histories: [ContextHistory]
    /// The multiplier that brings votes to the RMS of credits, 24 fraction bits; it follows the RMS of the step before.
    package private(set) var multiplier: Int64 = 1 << 16

    /// Prepares the first step.
    package init(_ population: Population, _ layout: ParameterLayout) {
        self.population = population
        self.layout = layout
        histories = Array(repeating: ContextHistory(), count: population.streams)
    }

    private var config: ModelConfig { layout.config }

    /// The context of each slot and its credit.
    package mutating func count(
        _ fitness: Fitness, on segment: Segment, source: some PerturbationSource
    ) -> [(context: UInt32, credit: [Int8])] {
        if segment.startsOver {
            histories = Array(repeating: ContextHistory(), count: population.streams)
        }
        var credits: [(context: UInt32, credit: [Int8])] = []
        for group in 0..<population.groups {
            for context in contexts(group, segment) {
                let credit = votes(context, group, fitness, source).map { vote in
                    let scaled = (vote * multiplier + 1 << 23) >> 24
                    return Int8(max(-127, min(127, scaled)))
                }
                credits.append((context, credit))
            }
        }
        follow(credits.map(\.credit))
        return credits
    }

    /// The contexts that a group's sequences read, in the order of their first reading.
    private mutating func contexts(_ group: Int, _ segment: Segment) -> [UInt32] {
        var contexts: [UInt32] = []
        let sequences = population.sequencesPerMember
        for stream in group * sequences..<(group + 1) * sequences {
            for time in 0..<segment.length {
                histories[stream].read(segment.tokens[stream * (segment.length + 1) + time])
                for kind in config.contexts {
                    let hash = histories[stream].hash(kind)
                    if !contexts.contains(hash) { contexts.append(hash) }
                }
            }
        }
        return contexts
    }

    /// Σ_p ((F_p·A_p[context] + half) >> shift)·B_p over the directions of a group.
    private func votes(
        _ context: UInt32, _ group: Int, _ fitness: Fitness, _ source: some PerturbationSource
    ) -> [Int64] {
        var votes = [Int64](repeating: 0, count: ContextTable.inputWidth(config))
        let draws = population.drawsPerGroup
        let (shift, half) = (fitness.form.shift, (1 << fitness.form.shift) >> 1)
        for direction in group * draws..<(group + 1) * draws {
            let a = Int(source.rowNoise.normal(context: context, index: UInt32(direction)))
            let scaled = (a * Int(fitness.values[direction]) + half) >> shift
            var b = [Int8](repeating: 0, count: ContextTable.inputWidth(config))
            source.fill(
                &b, tensor: layout.contextTensor, side: .b, pair: direction, term: 0, first: 0,
                count: b.count)
            for i in b.indices { votes[i] += Int64(scaled) * Int64(b[i]) }
        }
        return votes
    }

    /// The multiplier that would have given credits the RMS that they shall have.
    private mutating func follow(_ credits: [[Int8]]) {
        let squares = credits.joined().reduce(Int64(0)) { $0 + Int64($1) * Int64($1) }
        guard squares > 0 else { return }
        let mean = squares / Int64(max(1, credits.count * ContextTable.inputWidth(config)))
        let sixteenths = max(1, Int64(integerSquareRoot(UInt64(256 * mean))))
        let next = (16 * multiplier * CreditScales.creditRMS + sixteenths / 2) / sixteenths
        multiplier = max(1, min(1 << 30, next))
    }
}
