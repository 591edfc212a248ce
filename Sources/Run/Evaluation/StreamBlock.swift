import IntegerTensor
import RecurrentLM

/// Streams that one thread scores together: the rows of a ``BlockForward``, with what they add up to.
final class StreamBlock {
    /// The most steps between two foldings of the row sums: 1024 · 384/16 bit fits an Int32 many times.
    static let longestRun = 1024

    let firstStream: Int
    private let rows: Int
    private let forward: BlockForward
    /// The sum of the current run by row, in 1/16 bit.
    private let rowSums: AlignedBuffer<Int32>
    private let counts = AlignedBuffer<Int>(count: 256)
    private var sums = TextScore()

    /// Begins a block of streams, whose states begin at 0.
    init(model: PreparedModel, streams: Range<Int>, states: HiddenStates) {
        firstStream = streams.lowerBound
        rows = streams.count
        forward = BlockForward(model: model, capacity: streams.count)
        rowSums = AlignedBuffer(count: streams.count)
        forward.begin(rows: streams.count, states: states, firstState: streams.lowerBound)
    }

    /// What was scored so far.
    var score: TextScore {
        var score = sums
        score.tokenCounts = Array(counts.span)
        return score
    }

    /// Reads `steps` tokens of each stream, each followed by its target.
    /// - Parameters:
    ///   - tokens: [rows][stride]: columns 0 to `steps - 1` are inputs, 1 to `steps` targets.
    ///   - stride: The tokens from one row to the next.
    ///   - steps: At most ``longestRun``.
    ///   - likelihoods: Where the log-likelihoods of the first row go, in 1/16 bit: [steps].
    func run(
        _ tokens: UnsafePointer<UInt8>, stride: Int, steps: Int,
        likelihoods: UnsafeMutablePointer<Int32>? = nil
    ) {
        rowSums.zero()
        var exact: Int64 = 0  // rows · 1024 · 2^37 at most
        for time in 0..<steps {
            let targets = tokens + time + 1
            let before = rowSums.pointer[0]
            forward.step(tokens + time, stride: stride)
            forward.addLogLikelihood(targets, stride: stride, to: rowSums.pointer)
            likelihoods?[time] = rowSums.pointer[0] - before
            for row in 0..<rows {
                let target = targets[row &* stride]
                exact &+= forward.exactLoss(row: row, target: target)
                counts.pointer[Int(target)] &+= 1
            }
        }
        sums.tokens += rows * steps
        sums.exactBitsQ32 += Int128(exact)
        for row in 0..<rows { sums.logLikelihood += Int64(rowSums.pointer[row]) }
    }
}
