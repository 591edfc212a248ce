import Threads

/// A frame that is filled, handed over to be compressed, and taken: by a thread of its own, while the caller goes on, or
/// by the caller.
///
/// Memory: a frame, its compressed form, and what zstd needs.
final class FrameSlot {
    private let job: FrameJob
    private let thread: BackgroundThread?
    /// Whether the frame was handed over and not taken yet.
    private(set) var isPending = false

    /// - Parameter hasThread: Whether a thread compresses the frames; the caller does where the system refuses one.
    init(_ layout: ShardLayout, hasThread: Bool) throws(CodecError) {
        let job = try FrameJob(layout)
        self.job = job
        thread = hasThread ? try? BackgroundThread("frames") { job.work() } : nil
    }

    deinit {
        job.end()
        thread?.join()
    }

    /// The number of tokens in the frame.
    var filled: Int { job.filled }

    /// Adds tokens, for which there is room.
    func append(_ more: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: job.tokens[job.filled...]).copyMemory(from: more)
        job.filled += more.count
    }

    /// Hands the frame over.
    func compress() {
        isPending = true
        if thread == nil { job.compress() } else { job.start() }
    }

    /// Calls `body` with the tokens and with the frame that holds them, waiting for it; the slot is empty then.
    func take(
        _ body: (_ tokens: UnsafeRawBufferPointer, _ frame: UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let count = try job.wait()
        let (tokens, frame) = (
            job.filledTokens, UnsafeRawBufferPointer(rebasing: job.frame[..<count])
        )
        (isPending, job.filled) = (false, 0)
        try body(tokens, frame)
    }
}

/// What a slot shares with its thread.
///
/// `@unchecked Sendable`: every access to the state holds the monitor. All else belongs to the thread from ``start()``
/// until the frame is compressed, and to the slot otherwise.
private final class FrameJob: @unchecked Sendable {
    private enum State {
        case open, full, ended
        case compressed(Result<Int, CodecError>)
    }

    let tokens: UnsafeMutableRawBufferPointer
    var filled = 0
    let frame: UnsafeMutableRawBufferPointer
    private let encoder: FrameEncoder
    private let monitor = Monitor()
    private var state = State.open

    init(_ layout: ShardLayout) throws(CodecError) {
        encoder = try FrameEncoder(level: layout.level)
        tokens = .allocate(byteCount: layout.frameTokens, alignment: 64)
        frame = .allocate(byteCount: FrameEncoder.bound(layout.frameTokens), alignment: 64)
    }

    deinit {
        tokens.deallocate()
        frame.deallocate()
    }

    var filledTokens: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: tokens[..<filled])
    }

    // MARK: The thread

    /// Compresses every frame that is handed over.
    func work() {
        while isHandedOver() { compress() }
    }

    /// Waits for a frame; false at the end.
    private func isHandedOver() -> Bool {
        monitor.locked {
            while true {
                switch state {
                case .full: return true
                case .ended: return false
                case .open, .compressed: monitor.wait()
                }
            }
        }
    }

    func compress() {
        let result = Result { () throws(CodecError) in
            try encoder.encode(filledTokens, into: frame)
        }
        change(to: .compressed(result))
    }

    // MARK: The slot

    func start() { change(to: .full) }

    func end() { change(to: .ended) }

    /// The bytes of the frame, once it is compressed.
    func wait() throws -> Int {
        try monitor.locked {
            while true {
                if case .compressed(let result) = state { return try result.get() }
                monitor.wait()
            }
        }
    }

    /// The end is final.
    private func change(to new: State) {
        monitor.locked {
            if case .ended = state { return }
            state = new
            monitor.signal()
        }
    }
}
