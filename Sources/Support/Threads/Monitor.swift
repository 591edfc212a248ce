import CLibrary

/// A lock with one condition to wait for: that what it guards has changed.
package final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` while no other thread is in a body of this monitor.
    package func locked<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Lets others in until one of them calls ``signal()``, perhaps sooner: for a loop over the condition.
    /// It may be called only inside ``locked(_:)``.
    package func wait() { pthread_cond_wait(changed, mutex) }

    /// Wakes all who wait.
    package func signal() { pthread_cond_broadcast(changed) }
}
