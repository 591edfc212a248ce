import Threads

/// Learns when a thread of a ``WorkerPool`` works: for measurements. Both calls come from that thread.
public protocol WorkObserver: Sendable {
    /// The worker begins to take tasks of a region.
    func workBegins(_ worker: Int)
    /// The worker found no more tasks.
    func workEnds(_ worker: Int)
}

/// A small pool of threads that lives as long as the run.
///
/// Work is a range of indices handed out one by one, so a fast thread takes more of them. Which
/// thread takes which index never changes a result: the tasks of a region write to places of their
/// own. The calling thread works too. Idle threads spin for a moment, then sleep; the caller, where
/// others still work, spins for a moment, then lets them have its processor.
public final class WorkerPool: @unchecked Sendable {
    /// The threads that work, the caller among them: fewer than asked for where the system refused some.
    public let threads: Int

    private let region: SharedRegion
    private let helpers: [BackgroundThread]
    private let observer: (any WorkObserver)?

    /// Starts `threads - 1` threads, up to the first that the system refuses.
    /// - Parameters:
    ///   - threads: The threads that share the work, the calling one among them.
    ///   - observer: It is told when threads begin and stop taking tasks.
    public init(threads: Int, observer: (any WorkObserver)? = nil) {
        let region = SharedRegion(isCrowded: threads > Self.processorCount, observer: observer)
        var helpers: [BackgroundThread] = []
        // Worker numbers have no gaps: after a refusal a later thread might start again.
        while helpers.count < threads - 1 {
            let worker = helpers.count + 1
            guard let helper = try? BackgroundThread("worker", body: { region.work(worker) })
            else { break }
            helpers.append(helper)
        }
        self.region = region
        self.helpers = helpers
        self.observer = observer
        self.threads = helpers.count + 1
    }

    /// The processors that this process may use, by its affinity and its control groups.
    public static let processorCount = ProcessorLimit.count()

    deinit {
        region.stop()
        for helper in helpers { helper.join() }
    }

    /// Runs `body(index, worker)` for every index below `count`; returns when all are done.
    /// `worker` is below ``threads``; no two calls with the same worker run at once.
    /// - Precondition: no other region of this pool runs; `body` starts none.
    public func run(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
        if threads == 1 || count <= 1 {
            observer?.workBegins(0)
            for index in 0..<count { body(index, 0) }
            observer?.workEnds(0)
            return
        }
        withoutActuallyEscaping(body) { region.run(count, $0) }
    }
}
