import Evaluation

/// A stream of tokens that remembers what was read of it until that has been scored.
final class HeardTokens: TokenStream {
    private let stream: any TokenStream
    private let passages: PassageList
    /// What was read and not yet scored, from `next` on. The first token of the stream is no target.
    private var heard: [UInt8] = []
    private var next = 0
    private var isAtStart = true

    init(_ stream: any TokenStream, for passages: PassageList) {
        self.stream = stream
        self.passages = passages
    }

    var name: String { stream.name }
    var expectedCount: Int? { stream.expectedCount }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try stream.read(into: buffer)
        heard += buffer.prefix(count).dropFirst(isAtStart ? 1 : 0)
        if count > 0 { isAtStart = false }
        return count
    }

    /// Takes the log-likelihoods of the next targets.
    func take(_ logLikelihoods: [Int32]) {
        for logLikelihood in logLikelihoods {
            passages.append(heard[next], logLikelihood: logLikelihood)
            next += 1
        }
        heard.removeFirst(next)
        next = 0
    }
}
