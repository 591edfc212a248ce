#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A bounded queue between one thread that makes values and one that takes them.
///
/// `@unchecked Sendable`: every access to the mutable state holds the mutex.
final class ReadyQueue<Value: Sendable>: @unchecked Sendable {
    private let depth: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Signalled at every change of the state below.
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var ready: [Value] = []
    private var failure: (any Error)?
    private var stopped = false

    /// - Parameter depth: Values that may wait in the queue.
    init(depth: Int) {
        self.depth = depth
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Adds a value, waiting for room. Returns false once the queue is stopped.
    func put(_ value: Value) -> Bool {
        locked {
            while ready.count >= depth && !stopped { pthread_cond_wait(changed, mutex) }
            guard !stopped else { return false }
            ready.append(value)
            pthread_cond_broadcast(changed)
            return true
        }
    }

    /// Ends the queue with an error, which ``take()`` throws after the values that are ready.
    func fail(_ error: any Error) {
        locked {
            failure = error
            pthread_cond_broadcast(changed)
        }
    }

    /// The oldest value, waiting for one.
    func take() throws -> Value {
        try locked {
            while ready.isEmpty {
                if let failure { throw failure }
                pthread_cond_wait(changed, mutex)
            }
            pthread_cond_broadcast(changed)
            return ready.removeFirst()
        }
    }

    /// Lets a waiting ``put(_:)`` return, and refuses all later ones.
    func stop() {
        locked {
            stopped = true
            pthread_cond_broadcast(changed)
        }
    }

    private func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }
}
