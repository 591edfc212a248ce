import FixedPoint
import SeededNoise
import Testing

@testable import TextGeneration

@Suite struct TokenSamplerTests {
    private static let one = SamplingSettings.probabilityScale
    private static let warm = SamplingSettings.temperatureScale

    /// Logits 256 long: the given ones, then -127.
    private func logits(_ values: Int8...) -> [Int8] {
        values + [Int8](repeating: -127, count: 256 - values.count)
    }

    private func tokens(_ settings: SamplingSettings, _ logits: [Int8]) -> [UInt8] {
        TokenSampler(settings: settings, seed: 0).candidates(logits).map(\.token)
    }

    // MARK: Weights

    @Test func sixteenLogitsAreAFactorOfTwoAtTemperatureOne() {
        let sampler = TokenSampler(settings: SamplingSettings(), seed: 0)
        let weights = sampler.candidates([0, 16, -16, 48]).map(\.weight)
        #expect(weights == [1 << 55, 1 << 53, 1 << 52, 1 << 51])
    }

    private static let temperatures: [(Int64, UInt64)] = [(warm / 2, 2), (warm, 1)]

    @Test(arguments: temperatures)
    func temperatureDividesTheExponent(temperature: Int64, factor: UInt64) {
        let settings = SamplingSettings(temperature: temperature)
        let candidates = TokenSampler(settings: settings, seed: 0).candidates([0, 16, 32])
        let expected = [0, factor, 2 * factor].map { UInt64(1) << (55 - $0) }
        #expect(candidates.map(\.weight) == expected)
    }

    @Test(arguments: [1, 7, warm / 3, warm, 100 * warm])
    func weightsNeverRiseWithTheDistance(temperature: Int64) {
        let all = (0...255).map { Int8(truncatingIfNeeded: 127 - $0) }.dropLast()
        let candidates = TokenSampler(
            settings: SamplingSettings(temperature: temperature), seed: 0
        ).candidates(Array(all))
        #expect(zip(candidates, candidates.dropFirst()).allSatisfy { $0.weight >= $1.weight })
        #expect(candidates[0].weight == 1 << 55)
    }

    @Test func equalLogitsAtTheirLargestDoNotOverflow() {
        let sampler = TokenSampler(settings: SamplingSettings(), seed: 0)
        let candidates = sampler.candidates([Int8](repeating: 127, count: 256))
        #expect(candidates.reduce(0) { $0 + $1.weight } == 1 << 63)
        #expect(candidates.map(\.token) == Array(0...255))
    }

    // MARK: Filters

    @Test func greedyTakesTheLowestOfTheLargest() {
        #expect(tokens(SamplingSettings(temperature: 0), logits(3, 90, 90, 4)) == [1])
    }

    @Test func topKKeepsTheLowerOfEqualTokens() {
        #expect(tokens(SamplingSettings(topK: 3), logits(5, 9, 5, 5, 9)) == [1, 4, 0])
        #expect(tokens(SamplingSettings(topK: 256), logits(5)).count == 256)
        #expect(tokens(SamplingSettings(topK: 7), [5, 6]) == [1, 0])
    }

    /// p and how many of the weights 1/2, 1/4, 1/8 and 1/8 of the sum it keeps.
    private static let topPs: [(Int64, Int)] = [
        (0, 1), (1, 1), (one / 2, 1), (one / 2 + 1, 2), (one * 3 / 4, 2), (one * 3 / 4 + 1, 3),
        (one * 7 / 8, 3), (one - 1, 4), (one, 4),
    ]

    @Test(arguments: topPs)
    func topPKeepsTheFewestThatReachIt(topP: Int64, count: Int) {
        let kept = tokens(SamplingSettings(topP: topP), [32, 16, 0, 0])
        #expect(kept == Array([0, 1, 2, 3].prefix(count)))
    }

    @Test func topPCountsWhatTopKLeft() {
        // Of 4 + 2 + 1 + 1, top-k 2 leaves 4 + 2: the first alone has 2/3.
        let settings = SamplingSettings(topK: 2, topP: Self.one * 3 / 5)
        #expect(tokens(settings, [32, 16, 0, 0]) == [0])
    }

    private static let minPs: [(Int64, Int)] = [
        (0, 4), (one / 4, 4), (one / 4 + 1, 2), (one / 2, 2), (one / 2 + 1, 1), (one, 1),
    ]

    @Test(arguments: minPs)
    func minPKeepsTokensNearTheMostProbable(minP: Int64, count: Int) {
        let kept = tokens(SamplingSettings(minP: minP), [32, 16, 0, 0])
        #expect(kept == Array([0, 1, 2, 3].prefix(count)))
    }

    // MARK: Draws

    @Test func drawsFollowTheWeights() {
        // 4 : 2 : 1 : 1 of 8.
        let sampler = TokenSampler(settings: SamplingSettings(), seed: 5)
        var counts = [0, 0, 0, 0]
        for position in 0..<UInt32(4096) {
            counts[Int(sampler.draw([32, 16, 0, 0], sample: 1, position: position))] += 1
        }
        // Five standard deviations of 2048, 1024 and 512 in 4096.
        for (count, (expected, bound)) in zip(
            counts, [(2048, 160), (1024, 139), (512, 106), (512, 106)])
        {
            #expect(abs(count - expected) < bound)
        }
    }

    @Test func drawsDifferBySeedSampleAndPosition() {
        func draws(_ seed: UInt64, _ sample: UInt32, from first: UInt32) -> [UInt8] {
            let sampler = TokenSampler(settings: SamplingSettings(), seed: seed)
            let flat = [Int8](repeating: 0, count: 256)
            return (first..<first + 16).map { sampler.draw(flat, sample: sample, position: $0) }
        }
        let base = draws(1, 0, from: 0)
        #expect(base == draws(1, 0, from: 0))
        #expect(base.dropFirst(3) == draws(1, 0, from: 3).dropLast(3))
        for other in [draws(2, 0, from: 0), draws(1 << 40 | 1, 0, from: 0), draws(1, 1, from: 0)] {
            #expect(base != other)
        }
    }

    @Test(arguments: [1, 2, 3, 1 << 55, 1 << 63, 1 << 63 + 1, .max] as [UInt64])
    func uniformNumbersStayBelowTheirBound(bound: UInt64) {
        for index in 0..<UInt32(200) {
            let key = NoiseKey(seed: 9, domain: .sampling, index: index)
            #expect(key.uniform(below: bound) < bound)
        }
    }
}
