import Processes

/// What a step of node perturbation adds up besides its votes.
struct ActivationSums {
    var squares: CreditScales.Squares
    /// The sum of the log-likelihoods of member tokens.
    var logLikelihood: Int64 = 0
    /// Tokens at which a pair's members had the same loss.
    var ties: Int64 = 0

    private init(layers: Int) { squares = CreditScales.Squares(layers: layers) }

    /// Adds up what the blocks of one process found.
    init(_ blocks: [ActivationBlock], layers: Int) {
        self.init(layers: layers)
        for block in blocks {
            squares.add(block.squares)
            logLikelihood += block.logLikelihood
            ties += Int64(block.ties)
        }
    }

    /// The sums over all processes. Collective.
    func total(over processes: any ProcessGroup) -> ActivationSums {
        guard processes.count > 1 else { return self }
        let layers = squares.candidate.count
        let part = numbers.withUnsafeBytes { [UInt8]($0) }
        let sizes = [Int](repeating: part.count, count: processes.count)
        let all = processes.allGather(part, sizes: sizes)
        var total = ActivationSums(layers: layers)
        for rank in 0..<processes.count {
            let numbers = all[rank * part.count..<(rank + 1) * part.count].integers(Int64.self)
            total.add(numbers, layers: layers)
        }
        return total
    }

    private var numbers: [Int64] {
        [logLikelihood, ties, squares.fitness, squares.head] + squares.candidate + squares.gate
    }

    /// Adds the numbers that ``numbers`` gave for another process.
    private mutating func add(_ numbers: [Int64], layers: Int) {
        logLikelihood += numbers[0]
        ties += numbers[1]
        var other = CreditScales.Squares(layers: layers)
        other.fitness = numbers[2]
        other.head = numbers[3]
        other.candidate = Array(numbers[4..<4 + layers])
        other.gate = Array(numbers[(4 + layers)...])
        squares.add(other)
    }
}
