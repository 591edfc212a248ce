import CKernels
import CLibrary
import Synchronization
import Threads

/// What the threads of a ``WorkerPool`` share: the region being worked on.
///
/// The threads keep it alive, but not the pool: the end of the pool is what stops them.
final class SharedRegion: @unchecked Sendable {
    typealias Body = (_ index: Int, _ worker: Int) -> Void

    // The caller writes it before the region opens, and again when no helper takes part in it.
    private var body: Body?
    private var taskCount = 0
    private let nextTask = Atomic<Int>(0)
    /// The number of regions begun.
    private let generation = Atomic<Int>(0)
    /// The number of helpers that take part in the current region.
    private let joined = Atomic<Int>(0)
    /// Whether helpers may still join the current region. `monitor` guards it.
    private var isOpen = false
    private let stopping = Atomic<Bool>(false)
    private let monitor = Monitor()
    /// The turns of a spin loop before a thread sleeps or yields.
    private let spinTurns: Int
    private let observer: (any WorkObserver)?

    /// Turns for some tens of microseconds, as long as the caller needs between two regions.
    private static let patientTurns = 4000
    /// Turns where there are more threads than processors: whoever spins holds up one that would work.
    private static let crowdedTurns = 50

    /// Makes a region that nobody works on yet.
    /// - Parameters:
    ///   - isCrowded: Whether there are more threads than processors.
    ///   - observer: It is told when threads begin and end to take tasks.
    init(isCrowded: Bool, observer: (any WorkObserver)?) {
        self.observer = observer
        spinTurns = isCrowded ? Self.crowdedTurns : Self.patientTurns
    }

    // MARK: The caller

    /// Works on a region as worker 0, with the threads that ``work(_:)`` runs on.
    ///
    /// Helpers that come when all tasks are taken are not waited for: with more threads than
    /// processors to wake them all would take longer than a small region.
    func run(_ count: Int, _ body: @escaping Body) {
        self.body = body
        taskCount = count
        nextTask.store(0, ordering: .relaxed)
        wakeAll {
            isOpen = true
            generation.add(1, ordering: .releasing)
        }
        drain(worker: 0)
        monitor.locked { isOpen = false }
        awaitHelpers()
        self.body = nil
    }

    /// Lets the helpers return. No region may be running.
    func stop() {
        wakeAll { stopping.store(true, ordering: .releasing) }
    }

    /// Makes a change that sleeping helpers wait for.
    private func wakeAll(_ change: () -> Void) {
        monitor.locked {
            change()
            monitor.signal()
        }
    }

    private func awaitHelpers() {
        for _ in 0..<spinTurns {
            if joined.load(ordering: .acquiring) == 0 { return }
            egg_pause()
        }
        while joined.load(ordering: .acquiring) > 0 { sched_yield() }
    }

    // MARK: The helpers

    /// Takes part in the regions as the worker of that number, until ``stop()``.
    func work(_ worker: Int) {
        var seen = 0
        while true {
            spin(after: seen)
            let mayJoin = monitor.locked {
                sleep(after: seen)
                seen = generation.load(ordering: .relaxed)
                if isOpen { joined.add(1, ordering: .relaxed) }
                return isOpen
            }
            if stopping.load(ordering: .acquiring) { return }
            guard mayJoin else { continue }
            drain(worker: worker)
            joined.subtract(1, ordering: .releasing)
        }
    }

    private func mustWait(after seen: Int) -> Bool {
        generation.load(ordering: .acquiring) == seen && !stopping.load(ordering: .acquiring)
    }

    /// Returns at a new region, at the end, or when it has taken too long.
    private func spin(after seen: Int) {
        for _ in 0..<spinTurns {
            guard mustWait(after: seen) else { return }
            egg_pause()
        }
    }

    /// Returns at a new region or at the end. The caller holds `monitor`.
    private func sleep(after seen: Int) {
        while mustWait(after: seen) { monitor.wait() }
    }

    private func drain(worker: Int) {
        guard let body else { return }
        observer?.workBegins(worker)
        while true {
            let index = nextTask.add(1, ordering: .relaxed).oldValue
            guard index < taskCount else { break }
            body(index, worker)
        }
        observer?.workEnds(worker)
    }
}
