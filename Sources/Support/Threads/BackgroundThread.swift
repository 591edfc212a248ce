import CLibrary
import Diagnostics

/// A thread that runs one function. Nobody waits for it but those who call ``join()``.
package struct BackgroundThread {
    private let handle: pthread_t

    /// Starts a thread.
    /// - Throws: ``ThreadError`` when the system allows no more threads.
    package init(_ name: String, body: @escaping @Sendable () -> Void) throws(ThreadError) {
        let work = Unmanaged.passRetained(Work(body))
        #if canImport(Darwin)
            var started: pthread_t?
        #else
            var started = pthread_t()
        #endif
        let code = pthread_create(
            &started, nil,
            { argument in
                let opaque: UnsafeMutableRawPointer? = argument
                if let opaque { Unmanaged<Work>.fromOpaque(opaque).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        guard code == 0, let handle = Optional(started) else {
            work.release()
            throw ThreadError(location: name, code: code)
        }
        self.handle = handle
    }

    /// Waits until the function has returned.
    package func join() { pthread_join(handle, nil) }

    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// A thread that could not be started.
package struct ThreadError: UserError {
    package let location: String
    let code: Int32
    package var finding: String { "cannot start a thread (\(String(cString: strerror(code))))" }
    package var remedy: String {
        "raise the limits of processes and memory (ulimit -u, -v), or close other programs"
    }
}
