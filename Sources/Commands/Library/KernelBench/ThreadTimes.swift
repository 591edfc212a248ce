import CLibrary
import IntegerTensor

/// What the threads of a pool spend in the functions of a ``TimedKernel`` and in tasks at all.
///
/// `@unchecked Sendable`: each thread writes counters of its own, which are read between regions.
final class ThreadTimes: WorkObserver, @unchecked Sendable {
    /// Nanoseconds and the number of times that they are made of.
    struct Counter: BitwiseCopyable {
        var nanoseconds = 0
        var calls = 0
    }

    /// Counters of a thread: one for each ``KernelCall``, one for the time within tasks; with the start
    /// of the current task they fill whole cache lines.
    private static let slots = (beginSlot / countersPerLine + 1) * countersPerLine
    private static let busySlot = KernelCall.allCases.count
    private static let beginSlot = busySlot + 1
    private static let countersPerLine = 64 / MemoryLayout<Counter>.stride

    private let counters: AlignedBuffer<Counter>

    init(threads: Int) { counters = AlignedBuffer(count: threads * Self.slots) }

    /// Forgets everything. No region may be running.
    func reset() { counters.zero() }

    /// The sum over all threads.
    subscript(call: KernelCall) -> Counter { sum(call.rawValue) }

    /// Time within tasks, all threads together.
    var busy: Counter { sum(Self.busySlot) }

    private func sum(_ slot: Int) -> Counter {
        stride(from: slot, to: counters.count, by: Self.slots).reduce(into: Counter()) { sum, at in
            sum.nanoseconds += counters.pointer[at].nanoseconds
            sum.calls += counters.pointer[at].calls
        }
    }

    // MARK: The threads

    /// Where a thread finds its counters.
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    func workBegins(_ worker: Int) {
        let own = counters.pointer + worker * Self.slots
        own[Self.beginSlot].nanoseconds = Self.now
        pthread_setspecific(Self.key, own)
    }

    func workEnds(_ worker: Int) {
        let own = counters.pointer + worker * Self.slots
        own[Self.busySlot].nanoseconds += Self.now - own[Self.beginSlot].nanoseconds
        own[Self.busySlot].calls += 1
        pthread_setspecific(Self.key, nil)
    }

    /// Runs `body`, on a thread that works for a pool with its time counted under `call`.
    @inline(__always)
    static func time(_ call: KernelCall, _ body: () -> Void) {
        guard let own = pthread_getspecific(key)?.assumingMemoryBound(to: Counter.self) else {
            return body()
        }
        let begin = now
        body()
        own[call.rawValue].nanoseconds += now - begin
        own[call.rawValue].calls += 1
    }

    /// The monotonic clock in nanoseconds.
    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}
