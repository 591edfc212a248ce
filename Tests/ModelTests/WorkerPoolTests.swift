import IntegerTensor
import Synchronization
import Testing

/// A pool with any number of threads, also more than there are processors.
@Suite struct WorkerPoolTests {
    @Test(arguments: 1...9)
    func everyIndexRunsOnceInEachRegion(_ threads: Int) {
        let pool = WorkerPool(threads: threads)
        #expect((1...threads).contains(pool.threads))
        for count in [0, 1, 2, threads - 1, threads, threads + 1, 100, 1000] {
            let runs = AlignedBuffer<Int32>(count: count)
            pool.run(count) { index, _ in runs.pointer[index] += 1 }
            #expect(runs.span.allSatisfy { $0 == 1 }, "\(count) indices")
        }
    }

    @Test(arguments: 1...9)
    func workersAreBelowThreadsAndNeverRunTwiceAtOnce(_ threads: Int) {
        let pool = WorkerPool(threads: threads)
        let busy = AlignedBuffer<Bool>(count: pool.threads)
        let wrong = Atomic<Int>(0)
        for _ in 0..<20 {
            pool.run(50) { index, worker in
                guard (0..<pool.threads).contains(worker), !busy.pointer[worker] else {
                    wrong.add(1, ordering: .relaxed)
                    return
                }
                busy.pointer[worker] = true
                for _ in 0..<index { _ = wrong.load(ordering: .relaxed) }
                busy.pointer[worker] = false
            }
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
    }

    /// What a region writes the next one reads, whichever threads take part.
    @Test(arguments: [1, 2, 3, 8])
    func manyRegionsFollowEachOther(_ threads: Int) {
        let pool = WorkerPool(threads: threads)
        let count = 17
        let values = AlignedBuffer<Int>(count: count)
        let next = AlignedBuffer<Int>(count: count)
        let regions = 1000
        for _ in 0..<regions {
            pool.run(count) { index, _ in
                next.pointer[index] = values.pointer[(index + 1) % count] + 1
            }
            pool.run(count) { index, _ in values.pointer[index] = next.pointer[index] }
        }
        #expect(values.span.allSatisfy { $0 == regions })
    }

    /// Regions of growing and shrinking sizes, and pools that work inside a region of another.
    @Test func poolsWorkInsideARegionOfAnother() {
        let outer = WorkerPool(threads: 3)
        for count in Array(1...12) + (1...12).reversed() {
            let sums = AlignedBuffer<Int>(count: count)
            outer.run(count) { index, _ in
                let inner = WorkerPool(threads: 2)
                let parts = AlignedBuffer<Int>(count: index + 1)
                inner.run(index + 1) { part, _ in parts.pointer[part] = part }
                sums.pointer[index] = parts.span.reduce(0, +)
            }
            #expect(sums.span.elementsEqual((0..<count).map { $0 * ($0 + 1) / 2 }))
        }
    }

    /// Threads that never worked, that sleep and that just finished all end with their pool.
    @Test(arguments: [2, 5, 9])
    func aPoolEndsItsThreads(_ threads: Int) {
        for round in 0..<30 {
            let done = Atomic<Int>(0)
            weak var released: WorkerPool?
            do {
                let pool = WorkerPool(threads: threads)
                released = pool
                for _ in 0..<round % 3 {
                    pool.run(threads) { _, _ in done.add(1, ordering: .relaxed) }
                }
            }
            #expect(released == nil)
            #expect(done.load(ordering: .relaxed) == round % 3 * threads)
        }
    }

    /// Counts the calls of a pool by worker; each worker's come from one thread at a time.
    private final class Log: WorkObserver, @unchecked Sendable {
        let begun = AlignedBuffer<Int>(count: 9)
        let ended = AlignedBuffer<Int>(count: 9)
        func workBegins(_ worker: Int) { begun.pointer[worker] += 1 }
        func workEnds(_ worker: Int) { ended.pointer[worker] += 1 }
    }

    @Test(arguments: [1, 2, 9])
    func anObserverSeesEachWorkerBeginAndEnd(_ threads: Int) {
        let log = Log()
        let pool = WorkerPool(threads: threads, observer: log)
        let unseen = Atomic<Int>(0)
        for count in [1, 100, 2] {
            pool.run(count) { _, worker in
                if log.begun.pointer[worker] != log.ended.pointer[worker] + 1 {
                    unseen.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(unseen.load(ordering: .relaxed) == 0)
        #expect(Array(log.begun.span) == Array(log.ended.span))
        #expect(log.begun.pointer[0] == 3)
    }

    @Test func thereIsAProcessor() { #expect(WorkerPool.processorCount >= 1) }
}
