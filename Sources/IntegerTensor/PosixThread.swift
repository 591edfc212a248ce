#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A thread of the operating system that runs one closure.
struct PosixThread {
    private final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private var handle: pthread_t

    /// Starts the thread; nil where the system refuses one more.
    init?(_ body: @escaping @Sendable () -> Void) {
        let context = Unmanaged.passRetained(Box(body)).toOpaque()
        #if canImport(Darwin)
            var started: pthread_t?
            let code = pthread_create(&started, nil, { PosixThread.enter($0) }, context)
        #else
            var started: pthread_t? = pthread_t()
            let code = Self.create(&started, context)
        #endif
        guard code == 0, let started else {
            Unmanaged<Box>.fromOpaque(context).release()
            return nil
        }
        handle = started
    }

    #if !canImport(Darwin)
        private static func create(
            _ thread: inout pthread_t?, _ context: UnsafeMutableRawPointer
        ) -> Int32 {
            var handle = pthread_t()
            let code = pthread_create(&handle, nil, { PosixThread.enter($0) }, context)
            thread = handle
            return code
        }
    #endif

    /// Waits for the end of the closure.
    func join() { pthread_join(handle, nil) }

    private static func enter(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
        return nil
    }
}
