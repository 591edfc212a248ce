import FixedPoint
import IntegerTensor
import TextGeneration

/// Makes the samples on all threads and shows them in order.
struct SampleOutput {
    /// Samples that a thread makes side by side: enough to make good use of each weight read.
    private static let samplesPerThread = 8

    let count: Int
    let style: TextRenderer.Style
    /// Whether the prompt is shown before each sample.
    let echo: Bool

    /// - Throws: ``ClosedPipe`` or `FileError` when standard output cannot be written.
    func write(
        with generator: TextGenerator, _ request: TextGenerator.Request, pool: WorkerPool
    ) throws {
        let beginning = ContinuousClock.now
        var bytes = 0
        let width = pool.threads * Self.samplesPerThread
        for first in stride(from: 0, to: count, by: width) {
            let samples = first..<min(first + width, count)
            let (shown, others) = try showFirst(
                of: samples, with: generator, request, pool: pool)
            bytes += shown
            for held in others {
                bytes += held.tokens.count
                var renderer = try start(held.sample, request)
                for token in held.tokens { try StandardOutput.write(renderer.append(token)) }
                try StandardOutput.write(renderer.finish())
            }
        }
        tellSpeed(bytes, in: ContinuousClock.now - beginning)
    }

    /// Says how fast the samples were made, to whoever sees them come.
    private func tellSpeed(_ bytes: Int, in duration: Duration) {
        guard style == .terminal, standardErrorIsTerminal else { return }
        let rate = Int64(bytes) * 1_000_000 / max(1, duration.wholeMicroseconds)
        writeToStandardError("[\(bytes.counted("byte")), \(rate) bytes/s]\n")
    }

    /// A sample made while another one was shown.
    private final class HeldSample {
        let sample: Int
        var tokens: [UInt8] = []
        init(_ sample: Int) { self.sample = sample }
    }

    /// Makes `samples` and shows the first as it is made.
    /// - Returns: The bytes of the first, and the others.
    private func showFirst(
        of samples: Range<Int>, with generator: TextGenerator, _ request: TextGenerator.Request,
        pool: WorkerPool
    ) throws -> (shown: Int, others: [HeldSample]) {
        let held = samples.dropFirst().map { HeldSample($0) }
        let share = (samples.count + pool.threads - 1) / pool.threads
        var renderer = try start(samples.lowerBound, request)
        var failure: (any Error)?
        var shown = 0
        pool.run((samples.count + share - 1) / share) { block, _ in
            let first = samples.lowerBound + block * share
            do {
                try generator.generate(first..<min(first + share, samples.upperBound), request) {
                    sample, token in
                    if sample == samples.lowerBound {
                        shown += 1
                        try StandardOutput.write(renderer.append(token))
                    } else {
                        held[sample - samples.lowerBound - 1].tokens.append(token)
                    }
                }
            } catch {
                failure = error  // only the block of the sample that is shown can fail
            }
        }
        if let failure { throw failure }
        try StandardOutput.write(renderer.finish())
        return (shown, held)
    }

    /// Writes what stands before a sample.
    /// - Returns: what shows the rest of it.
    private func start(_ sample: Int, _ request: TextGenerator.Request) throws -> TextRenderer {
        if count > 1 { try StandardOutput.write(heading(of: sample)) }
        var renderer = TextRenderer(style: style)
        if echo { try StandardOutput.write(request.prompt.flatMap { renderer.append($0) }) }
        return renderer
    }

    private func heading(of sample: Int) -> [UInt8] {
        if style == .raw { return sample > 0 ? [0] : [] }
        let gap = sample > 0 ? "\n" : ""
        return Array("\(gap)=== sample \(sample + 1) of \(count) ===\n".utf8)
    }
}
