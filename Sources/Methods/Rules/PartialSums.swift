import IntegerTensor
import Synchronization

/// Cuts the weights of a tensor into parts that threads take one by one.
enum PartialSums {
    /// The weights of a part: so many that handing it out costs nothing beside some microseconds of work.
    private static let size = 8192

    /// Runs `body` over the parts of a range of weights, on `pool` where there is one, and adds up what it
    /// returns.
    static func sum(
        _ weights: Range<Int>, on pool: WorkerPool?, _ body: (Range<Int>) -> Int
    ) -> Int {
        guard let pool else { return body(weights) }
        let sum = Atomic<Int>(0)
        pool.run((weights.count + size - 1) / size) { part, _ in
            let first = weights.lowerBound + part * size
            let partSum = body(first..<min(first + size, weights.upperBound))
            sum.add(partSum, ordering: .relaxed)
        }
        return sum.load(ordering: .relaxed)
    }
}
