import CKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// What the threads of a ``WorkerPool`` share: the region being worked on.
///
/// The threads keep it alive, but not the pool: the end of the pool is what stops them.
final class SharedRegion: @unchecked Sendable {
    typealias Body = (_ index: Int, _ worker: Int) -> Void

    // Written by the caller before `generation` grows, and again when no helper is running.
    private var body: Body?
    private var taskCount = 0
    private let nextTask = Atomic<Int>(0)
    /// Regions begun.
    private let generation = Atomic<Int>(0)
    /// Helpers that have not finished with the current region.
    private let running = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let wake: UnsafeMutablePointer<pthread_cond_t>
    /// Turns of a spin loop before a thread sleeps or yields.
    private let spinTurns: Int

    /// Some tens of microseconds, as long as the caller needs between two regions.
    private static let patientTurns = 4000
    /// With more threads than processors whoever spins holds up one that would work.
    private static let crowdedTurns = 50

    /// - Parameter isCrowded: whether there are more threads than processors.
    init(isCrowded: Bool) {
        spinTurns = isCrowded ? Self.crowdedTurns : Self.patientTurns
        mutex = .allocate(capacity: 1)
        wake = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
    }

    deinit {
        pthread_cond_destroy(wake)
        pthread_mutex_destroy(mutex)
        wake.deallocate()
        mutex.deallocate()
    }

    // MARK: The caller

    /// Works on a region as worker 0, with the threads that ``work(_:)`` runs on.
    func run(_ count: Int, helpers: Int, _ body: @escaping Body) {
        self.body = body
        taskCount = count
        nextTask.store(0, ordering: .relaxed)
        running.store(helpers, ordering: .relaxed)
        wakeAll { generation.add(1, ordering: .releasing) }
        drain(worker: 0)
        awaitHelpers()
        self.body = nil
    }

    /// Lets the helpers return. No region may be running.
    func stop() {
        wakeAll { stopping.store(true, ordering: .releasing) }
    }

    /// Makes a change that sleeping helpers wait for.
    private func wakeAll(_ change: () -> Void) {
        pthread_mutex_lock(mutex)
        change()
        pthread_cond_broadcast(wake)
        pthread_mutex_unlock(mutex)
    }

    private func awaitHelpers() {
        for _ in 0..<spinTurns {
            if running.load(ordering: .acquiring) == 0 { return }
            egg_pause()
        }
        while running.load(ordering: .acquiring) > 0 { sched_yield() }
    }

    // MARK: The helpers

    /// Takes part in every region as that worker, until ``stop()``.
    func work(_ worker: Int) {
        var seen = 0
        while true {
            seen = awaitGeneration(after: seen)
            if stopping.load(ordering: .acquiring) { return }
            drain(worker: worker)
            running.subtract(1, ordering: .releasing)
        }
    }

    private func awaitGeneration(after seen: Int) -> Int {
        for _ in 0..<spinTurns {
            let current = generation.load(ordering: .acquiring)
            if current != seen || stopping.load(ordering: .acquiring) { return current }
            egg_pause()
        }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            let current = generation.load(ordering: .acquiring)
            if current != seen || stopping.load(ordering: .acquiring) { return current }
            pthread_cond_wait(wake, mutex)
        }
    }

    private func drain(worker: Int) {
        guard let body else { return }
        while true {
            let index = nextTask.add(1, ordering: .relaxed).oldValue
            guard index < taskCount else { return }
            body(index, worker)
        }
    }
}
