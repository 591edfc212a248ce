import FixedPoint
import IntegerTensor
import RecurrentLM
import TokenShards

/// What the members of a population scored on a segment, in the model's resolution.
public struct PopulationScores: Sendable {
    /// Σ of log-likelihoods over the tokens of each member.
    public let members: [Int32]
    /// By how much each direction raises the score, see ``Sampling``; below 2^32.
    ///
    /// One-sided differences have a common part, the curvature's: their mean, rounded down, is taken
    /// from them.
    public let differences: [Int64]

    /// Of antithetic pairs: members 2p and 2p + 1.
    public init(pairs members: [Int32]) {
        self.members = members
        differences = (0..<members.count / 2).map { pair in
            Int64(members[2 * pair]) - Int64(members[2 * pair + 1])
        }
    }

    /// - Parameter clean: what the unperturbed model scored on the text of each member.
    init(members: [Int32], clean: [Int32]) {
        self.members = members
        let rises = zip(members, clean).map { Int64($0) - Int64($1) }
        let mean = floorDivide(rises.reduce(0, +), by: Int64(max(1, rises.count)))
        differences = rises.map { $0 - mean }
    }
}

/// Runs the forward pass of every member of a population over a segment, on all threads.
///
/// The rows (member × sequence) are cut into blocks (``BlockSchedule``); a thread takes a block, reads
/// all its tokens, then takes the next. Antithetic members keep their hidden states from segment to
/// segment. One-sided members start from those of the unperturbed model, whose rows (one a stream)
/// are blocks of the same work.
public final class PopulationEvaluator: @unchecked Sendable {
    public let population: Population
    /// [``Population/stateRows``]; after a segment, those that the next one starts from.
    public private(set) var states: HiddenStates
    /// Where the unperturbed model's states go while members still read `states`.
    private var nextStates: HiddenStates?
    private let pool: WorkerPool
    private let schedule: BlockSchedule
    private let cleanSchedule: BlockSchedule
    private let workers: [Worker]
    /// One score a row, and one a stream of the unperturbed model.
    private let rowScores: AlignedBuffer<Int32>
    private let cleanScores: AlignedBuffer<Int32>

    /// What a thread owns.
    private struct Worker {
        let block: BlockForward
        /// [T + 1][rows of the block]
        let tokens: AlignedBuffer<UInt8>
        /// The states of a block of one-sided members.
        let states: HiddenStates
    }

    public init(population: Population, model: PreparedModel, pool: WorkerPool) {
        self.population = population
        self.pool = pool
        func states(_ rows: Int) -> HiddenStates { HiddenStates(rows: rows, config: model.config) }
        func schedule(_ rows: Int) -> BlockSchedule {
            BlockSchedule(
                rows: rows, blockRows: Int(model.kernel.table.pointee.block_rows),
                threads: pool.threads)
        }
        let isOneSided = population.sampling == .oneSided
        let cleanRows = isOneSided ? population.streams : 0
        self.states = states(population.stateRows)
        nextStates = isOneSided ? states(population.stateRows) : nil
        rowScores = AlignedBuffer(count: population.rows)
        cleanScores = AlignedBuffer(count: cleanRows)
        let memberSchedule = schedule(population.rows)
        let cleanSchedule = schedule(cleanRows)
        let capacity = max(memberSchedule.capacity, cleanSchedule.capacity)
        self.schedule = memberSchedule
        self.cleanSchedule = cleanSchedule
        workers = (0..<pool.threads).map { _ in
            Worker(
                block: BlockForward(model: model, capacity: capacity),
                tokens: AlignedBuffer(count: capacity * (population.segmentTokens + 1)),
                states: states(isOneSided ? capacity : 0))
        }
    }

    public func scores(_ segment: Segment, source: some PerturbationSource) -> PopulationScores {
        if segment.startsOver { states.reset() }
        rowScores.zero()
        cleanScores.zero()
        let cleanBlocks = cleanSchedule.blocks.count
        segment.tokens.withUnsafeBufferPointer { tokens in
            pool.run(cleanBlocks + schedule.blocks.count) { block, worker in
                if block < cleanBlocks {
                    evaluateClean(cleanSchedule.blocks[block], tokens, workers[worker])
                } else {
                    let rows = schedule.blocks[block - cleanBlocks]
                    evaluate(rows, tokens, workers[worker], source)
                }
            }
        }
        let members = sums { rowScores.span[$0] }
        guard let next = nextStates else { return PopulationScores(pairs: members) }
        nextStates = states
        states = next
        let clean = sums { cleanScores.span[population.stream(row: $0)] }
        return PopulationScores(members: members, clean: clean)
    }

    /// Σ over the sequences of each member.
    private func sums(_ score: (Int) -> Int32) -> [Int32] {
        let sequences = population.sequencesPerMember
        return (0..<population.size).map { member in
            (member * sequences..<(member + 1) * sequences).reduce(0) { $0 + score($1) }
        }
    }

    // MARK: Blocks

    private func evaluate(
        _ rows: Range<Int>, _ tokens: UnsafeBufferPointer<UInt8>, _ worker: Worker,
        _ source: some PerturbationSource
    ) {
        transpose(rows, tokens, into: worker.tokens.pointer) { population.stream(row: $0) }
        let isOneSided = population.sampling == .oneSided
        if isOneSided {
            for (index, row) in rows.enumerated() {
                worker.states.copy(row: index, from: states, row: population.stream(row: row))
            }
        }
        worker.block.begin(
            rows: rows, sequences: population.sequencesPerMember,
            membersPerPair: population.membersPerDirection, source: source,
            sigmaShift: population.sigmaShift, states: isOneSided ? worker.states : states,
            firstState: isOneSided ? 0 : rows.lowerBound)
        read(rows.count, worker, into: rowScores.pointer + rows.lowerBound)
    }

    /// The unperturbed model on some streams.
    private func evaluateClean(
        _ streams: Range<Int>, _ tokens: UnsafeBufferPointer<UInt8>, _ worker: Worker
    ) {
        guard let next = nextStates else { return }
        transpose(streams, tokens, into: worker.tokens.pointer) { $0 }
        for stream in streams { next.copy(row: stream, from: states, row: stream) }
        worker.block.begin(rows: streams.count, states: next, firstState: streams.lowerBound)
        read(streams.count, worker, into: cleanScores.pointer + streams.lowerBound)
    }

    /// Reads the segment of a block that has begun.
    private func read(_ rows: Int, _ worker: Worker, into scores: UnsafeMutablePointer<Int32>) {
        for time in 0..<population.segmentTokens {
            let inputs = worker.tokens.pointer + time * rows
            worker.block.step(inputs, stride: 1)
            worker.block.addLogLikelihood(inputs + rows, stride: 1, to: scores)
        }
    }

    /// Gathers the tokens of the block's rows, one row of the result for each time.
    private func transpose(
        _ rows: Range<Int>, _ tokens: UnsafeBufferPointer<UInt8>,
        into output: UnsafeMutablePointer<UInt8>, stream: (Int) -> Int
    ) {
        let width = population.segmentTokens + 1
        for (index, row) in rows.enumerated() {
            let start = stream(row) &* width
            for time in 0..<width { output[time &* rows.count &+ index] = tokens[start &+ time] }
        }
    }
}
