import RecurrentLM
import Testing

@testable import EvolutionStrategy

/// How far a credit moves a row, by the row's readings and the step.
@Suite struct RowRateTests {
    /// The rates in use, and the power of the readings with which each falls.
    private static let all: [(rate: RowRate, tenths: Int)] = [
        (.ofNodePerturbation, 7), (.ofEggroll, 0), (.logits, 3),
    ]

    private func at(_ rate: RowRate, _ readings: Int) -> Int64 {
        Int64(rate.table(step: 0, nil).at(UInt16(readings)))
    }

    /// The kernels take a rate of at most 2^23.
    @Test(arguments: all) func aRateBeginsHighestAndStaysAboveZero(_ test: (rate: RowRate, Int)) {
        let table = test.rate.table(step: 0, nil)
        #expect((1...1 << 23).contains(table.at(1)))
        let rising = (1..<UInt16.max).filter { table.at($0 + 1) > table.at($0) }
        #expect(rising.isEmpty)
        #expect(table.at(.max) > 0)
    }

    /// Within a quarter of an octave it is the same, and another beyond.
    @Test func aRateHasFourValuesAnOctave() {
        let rate = RowRate(first: 1 << 16, tenths: 5)
        for octave in 2..<16 {
            for quarter in 4..<8 {
                let first = quarter << (octave - 2)
                let last = (quarter + 1) << (octave - 2) - 1
                #expect(at(rate, first) == at(rate, last), "\(first) to \(last) readings")
                guard last < 65535 else { continue }
                #expect(at(rate, last) > at(rate, last + 1), "beyond \(last) readings")
            }
        }
        #expect(at(rate, 1) > at(rate, 2) && at(rate, 2) > at(rate, 3))
    }

    /// Over equal octaves it falls by equal factors.
    @Test(arguments: all) func aRateIsAPowerOfTheReadings(_ test: (rate: RowRate, tenths: Int)) {
        for octave in 1...7 {
            let parts = [0, octave, 2 * octave].map { at(test.rate, 1 << $0) }
            let (first, middle, last) = (parts[0], parts[1], parts[2])
            // middle² is first · last, but for the rounding of the three.
            #expect(abs(middle * middle - first * last) <= middle + first / 2 + last / 2 + 1)
        }
        // Ten octaves are a factor of 2^tenths.
        let (first, last) = (at(test.rate, 1), at(test.rate, 1 << 10))
        #expect(abs(last << Int64(test.tenths) - first) <= 1 << Int64(test.tenths))
    }

    @Test func powerZeroIsTheSameAtAllReadings() {
        let rate = RowRate(first: 1234, tenths: 0)
        #expect([1, 2, 3, 700, 65535].map { at(rate, $0) } == [Int64](repeating: 1234, count: 5))
    }

    // MARK: Schedules

    private static let schedule = RateSchedule(
        rate: 3 * RateSchedule.one / 2, decay: 0, steps: 100)

    @Test func aRateMayFallOverTheRun() {
        let rate = RowRate(first: 60000, tenths: 3, fallsOverRun: true)
        let atFirst = rate.table(step: 0, nil)
        for step in [0, 1, 50, 99, 100] {
            let table = rate.table(step: step, Self.schedule)
            for readings: UInt16 in [1, 9, 65535] {
                let falling = Int(atFirst.at(readings)) * (100 - step)
                #expect(abs(Int(table.at(readings)) * 100 - falling) <= 100, "step \(step)")
            }
        }
        #expect(rate.table(step: 100, Self.schedule).at(1) == 0)
    }

    /// Rules without a schedule, and those whose rate is 0 all the time, leave it as it is.
    @Test func otherRatesStay() {
        let falling = RowRate(first: 60000, tenths: 3, fallsOverRun: true)
        let still = RateSchedule(rate: 0, decay: 0, steps: 100)
        #expect(falling.table(step: 50, nil).at(1) == 60000)
        #expect(falling.table(step: 50, still).at(1) == 60000)
        let steady = RowRate(first: 60000, tenths: 3)
        #expect(steady.table(step: 50, Self.schedule).at(1) == 60000)
    }

    /// A phase that was continued with another number of steps keeps its own fall.
    @Test func aRateFollowsThePhasesOfASchedule() {
        let phased = RateSchedule(
            rate: RateSchedule.one, decay: 0, steps: 200,
            phases: [SchedulePhase(end: 10, steps: 20)])
        let rate = RowRate(first: 1 << 16, tenths: 0, fallsOverRun: true)
        #expect(rate.table(step: 5, phased).at(1) == 3 << 14)
        #expect(rate.table(step: 100, phased).at(1) == 1 << 15)
    }
}
