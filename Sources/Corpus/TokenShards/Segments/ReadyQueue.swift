import Threads

/// A bounded queue between one thread that makes values and one that takes them.
///
/// `@unchecked Sendable`: every access to the mutable state holds the monitor.
final class ReadyQueue<Value: Sendable>: @unchecked Sendable {
    private let depth: Int
    /// The monitor of the state below, signalled at every change of it.
    private let monitor = Monitor()
    private var ready: [Value] = []
    private var failure: (any Error)?
    private var stopped = false

    /// Makes a queue in which at most `depth` values may wait.
    init(depth: Int) { self.depth = depth }

    /// Adds a value, waiting for room. Returns false once the queue is stopped.
    func put(_ value: Value) -> Bool {
        monitor.locked {
            while ready.count >= depth && !stopped { monitor.wait() }
            guard !stopped else { return false }
            ready.append(value)
            monitor.signal()
            return true
        }
    }

    /// Ends the queue with an error, which ``take()`` throws after the values that are ready.
    func fail(_ error: any Error) {
        monitor.locked {
            failure = error
            monitor.signal()
        }
    }

    /// The oldest value, waiting for one.
    func take() throws -> Value {
        try monitor.locked {
            while ready.isEmpty {
                if let failure { throw failure }
                monitor.wait()
            }
            monitor.signal()
            return ready.removeFirst()
        }
    }

    /// Lets a waiting ``put(_:)`` return, and refuses all later ones.
    func stop() {
        monitor.locked {
            stopped = true
            monitor.signal()
        }
    }
}
