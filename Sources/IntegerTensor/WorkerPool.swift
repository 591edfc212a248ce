import CKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A small pool of threads that lives as long as the run.
///
/// Work is a range of indices handed out one by one, so a fast thread takes more of them. Which
/// thread takes which index never changes a result: the tasks of a region write to places of their
/// own. The calling thread works too. Idle threads spin for a moment, then sleep.
public final class WorkerPool: @unchecked Sendable {
    /// Threads that work, the caller among them: fewer than asked for where the system refused some.
    public private(set) var threads = 1

    private typealias Body = (_ index: Int, _ worker: Int) -> Void
    private var body: Body?
    private var taskCount = 0
    private let nextTask = Atomic<Int>(0)
    private let generation = Atomic<Int>(0)
    private let running = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let wake: UnsafeMutablePointer<pthread_cond_t>
    private var handles: [PosixThread] = []

    /// Turns of the spin loop before a thread sleeps: some tens of microseconds.
    private static let spinTurns = 4000

    public init(threads: Int) {
        mutex = .allocate(capacity: 1)
        wake = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
        for worker in 1..<max(threads, 1) where startThread(worker) { self.threads += 1 }
    }

    /// Processors that are online.
    public static var processorCount: Int {
        max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    deinit {
        stopping.store(true, ordering: .releasing)
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(wake)
        pthread_mutex_unlock(mutex)
        for handle in handles { handle.join() }
        pthread_cond_destroy(wake)
        pthread_mutex_destroy(mutex)
        wake.deallocate()
        mutex.deallocate()
    }

    /// Runs `body(index, worker)` for every index below `count`; returns when all are done.
    /// `worker` is below ``threads``; no two calls with the same worker run at once.
    public func run(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
        if threads == 1 || count <= 1 {
            for index in 0..<count { body(index, 0) }
            return
        }
        withoutActuallyEscaping(body) { escaping in
            self.body = escaping
            taskCount = count
            nextTask.store(0, ordering: .relaxed)
            running.store(threads - 1, ordering: .relaxed)
            pthread_mutex_lock(mutex)
            generation.add(1, ordering: .releasing)
            pthread_cond_broadcast(wake)
            pthread_mutex_unlock(mutex)
            drain(worker: 0)
            while running.load(ordering: .acquiring) > 0 { egg_pause() }
            self.body = nil
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

    // MARK: Threads

    private func startThread(_ worker: Int) -> Bool {
        // The pool outlives its threads: deinit joins them.
        unowned(unsafe) let pool = self
        guard let thread = PosixThread({ pool.work(worker) }) else { return false }
        handles.append(thread)
        return true
    }

    private func work(_ worker: Int) {
        var seen = 0
        while true {
            seen = awaitGeneration(after: seen)
            if stopping.load(ordering: .acquiring) { return }
            drain(worker: worker)
            running.subtract(1, ordering: .releasing)
        }
    }

    private func awaitGeneration(after seen: Int) -> Int {
        for _ in 0..<Self.spinTurns {
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
}
