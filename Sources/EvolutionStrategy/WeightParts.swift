import IntegerTensor
import Synchronization

/// The weights of a tensor in parts that threads take one by one.
enum WeightParts {
    /// Weights of a part: long enough that handing it out costs nothing, some microseconds of work.
    private static let size = 8192

    /// Runs `body` over the parts of `count` weights, on `pool` where there is one, and adds up what it
    /// returns.
    static func sum(_ count: Int, on pool: WorkerPool?, _ body: (Range<Int>) -> Int) -> Int {
        guard let pool else { return body(0..<count) }
        let sum = Atomic<Int>(0)
        pool.run((count + size - 1) / size) { part, _ in
            let partSum = body(part * size..<min((part + 1) * size, count))
            sum.add(partSum, ordering: .relaxed)
        }
        return sum.load(ordering: .relaxed)
    }
}
