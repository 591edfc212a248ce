import IntegerTensor
import RecurrentLM
import TokenShards

/// Runs the forward pass of every member of a slice of a population over a segment, on all threads.
///
/// The rows (member × sequence) are cut into blocks (`BlockSchedule`); a thread takes a block, reads
/// all its tokens, then takes the next. Antithetic members keep their hidden states from segment to
/// segment. One-sided members start from the states of the unperturbed model, whose rows (one a stream)
/// are blocks of the same work.
public final class PopulationEvaluator: @unchecked Sendable {
    /// The members and what they read.
    public let population: Population
    /// What the head learns from; it has noise only where that is noise.
    private let head: HeadRule
    let slice: PopulationSlice
    /// The hidden states of the slice, which are ``Population/stateRows`` rows where the slice is the whole population.
    /// After a segment they are the states that the next one starts from.
    public private(set) var states: HiddenStates
    /// The unperturbed model's new states, which stay here while members still read `states`.
    private var nextStates: HiddenStates?
    private let pool: WorkerPool
    private let schedule: BlockSchedule
    private let cleanSchedule: BlockSchedule
    private let workers: [Worker]
    /// One score for each row of the slice, and one for each of its streams under the unperturbed model.
    private let rowScores: AlignedBuffer<Int32>
    private let cleanScores: AlignedBuffer<Int32>
    /// The errors of the unperturbed model's logits; nil without direct connections. Slot `time · streams + stream`.
    let errors: RowCredits?

    /// What a thread owns.
    private struct Worker {
        let block: BlockForward
        /// The tokens of the block. [T + 1][rows of the block]
        let tokens: AlignedBuffer<UInt8>
        /// The states of a block of one-sided members.
        let states: HiddenStates
        /// What the unperturbed model's errors tell; nil where nothing learns from them.
        let headErrors: HeadErrors?
    }

    /// Makes an evaluator whose hidden states are 0.
    /// - Parameters:
    ///   - population: The members and what they read.
    ///   - head: What the head learns from.
    ///   - model: The weights, packed for a kernel.
    ///   - pool: The threads that share the work; no result depends on them.
    ///   - slice: What to evaluate; all of the population unless given.
    public init(
        population: Population, head: HeadRule = .perturbation, model: PreparedModel,
        pool: WorkerPool, slice: PopulationSlice? = nil
    ) {
        let slice = slice ?? PopulationSlice(population)
        self.population = population
        self.head = head
        self.slice = slice
        self.pool = pool
        func states(_ rows: Int) -> HiddenStates { HiddenStates(rows: rows, config: model.config) }
        func schedule(_ rows: Int) -> BlockSchedule {
            BlockSchedule(
                rows: rows, blockRows: Int(model.kernel.table.pointee.block_rows),
                threads: pool.threads)
        }
        let isOneSided = population.sampling == .oneSided
        let cleanRows = isOneSided ? slice.streams.count : 0
        self.states = states(slice.stateRows.count)
        nextStates = isOneSided ? states(slice.stateRows.count) : nil
        rowScores = AlignedBuffer(count: slice.rows.count)
        cleanScores = AlignedBuffer(count: cleanRows)
        errors =
            model.config.direct
            ? RowCredits(
                capacity: population.streams * population.segmentTokens,
                contextsPerSlot: model.config.contexts.count, width: model.config.vocabulary) : nil
        let memberSchedule = schedule(slice.rows.count)
        let cleanSchedule = schedule(cleanRows)
        let capacity = max(memberSchedule.capacity, cleanSchedule.capacity)
        let learnsFromErrors = model.config.direct || head == .delta
        self.schedule = memberSchedule
        self.cleanSchedule = cleanSchedule
        workers = (0..<pool.threads).map { _ in
            Worker(
                block: BlockForward(model: model, capacity: capacity),
                tokens: AlignedBuffer(count: capacity * (population.segmentTokens + 1)),
                states: states(isOneSided ? capacity : 0),
                headErrors: learnsFromErrors
                    ? HeadErrors(model: model, capacity: cleanSchedule.capacity, head: head) : nil)
        }
    }

    /// The scores of the slice's members; it also moves ``states`` to the end of the segment.
    public func scores(_ segment: Segment, source: some PerturbationSource) -> PopulationScores {
        if segment.startsOver { states.reset() }
        rowScores.zero()
        cleanScores.zero()
        for worker in workers { worker.headErrors?.reset() }
        let cleanBlocks = cleanSchedule.blocks.count
        segment.tokens.withUnsafeBufferPointer { tokens in
            pool.run(cleanBlocks + schedule.blocks.count) { block, worker in
                if block < cleanBlocks {
                    let streams = cleanSchedule.blocks[block]
                    evaluateClean(streams, tokens, workers[worker], position: segment.position)
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
        let clean = sums { cleanScores.span[stream(row: $0)] }
        return PopulationScores(members: members, clean: clean)
    }

    /// The votes of the head that the errors of the last segment's text in the slice make, by thread; none for a head
    /// that learns from noise. Each [V][D]
    var headVotes: [AlignedBuffer<Int32>] { workers.compactMap { $0.headErrors?.votes } }

    /// Gives the states the histories of the streams that they read, when a run is continued.
    func restore(_ histories: StreamHistories) {
        let first = slice.streams.lowerBound
        let streams = (0..<slice.stateRows.count).map { row in
            first + (population.sampling == .oneSided ? row : stream(row: row))
        }
        states.restoreHistories(streams.flatMap { histories[$0].halves }[...])
    }

    /// The stream that a row of the slice reads, counted from the slice's first stream.
    private func stream(row: Int) -> Int {
        population.stream(row: slice.rows.lowerBound + row) - slice.streams.lowerBound
    }

    /// The sum over the sequences of each member of the slice.
    private func sums(_ score: (Int) -> Int32) -> [Int32] {
        let sequences = population.sequencesPerMember
        return (0..<slice.members.count).map { member in
            (member * sequences..<(member + 1) * sequences).reduce(0) { $0 + score($1) }
        }
    }

    // MARK: Blocks

    /// Runs the members in some rows of the slice over the segment.
    private func evaluate(
        _ rows: Range<Int>, _ tokens: UnsafeBufferPointer<UInt8>, _ worker: Worker,
        _ source: some PerturbationSource
    ) {
        transpose(rows, tokens, into: worker.tokens.pointer) { stream(row: $0) }
        let isOneSided = population.sampling == .oneSided
        if isOneSided {
            for (index, row) in rows.enumerated() {
                worker.states.copy(row: index, from: states, row: stream(row: row))
            }
        }
        let first = slice.rows.lowerBound
        worker.block.begin(
            rows: first + rows.lowerBound..<first + rows.upperBound,
            sequences: population.sequencesPerMember,
            membersPerPair: population.membersPerDirection, source: source,
            shape: population.noiseShape, perturbsHead: head == .perturbation,
            states: isOneSided ? worker.states : states,
            firstState: isOneSided ? 0 : rows.lowerBound)
        read(rows.count, worker, into: rowScores.pointer + rows.lowerBound)
    }

    /// Runs the unperturbed model over some streams of the slice.
    private func evaluateClean(
        _ streams: Range<Int>, _ tokens: UnsafeBufferPointer<UInt8>, _ worker: Worker,
        position: Int
    ) {
        guard let next = nextStates else { return }
        transpose(streams, tokens, into: worker.tokens.pointer) { $0 }
        for stream in streams { next.copy(row: stream, from: states, row: stream) }
        worker.block.begin(rows: streams.count, states: next, firstState: streams.lowerBound)
        read(streams.count, worker, into: cleanScores.pointer + streams.lowerBound) { time in
            guard let found = worker.headErrors else { return }
            let first = time * population.streams + slice.streams.lowerBound + streams.lowerBound
            found.take(
                worker.block, rows: streams.count, voting: votingRows(of: streams),
                targets: worker.tokens.pointer + (time + 1) * streams.count,
                place: position + time, firstSlot: first)
            guard let errors else { return }
            errors.keep(
                contexts: worker.block.lastContextHashes, count: streams.count, at: first)
            copyRows(
                streams.count, errors.credits.width, from: found.errors.input(),
                to: errors.credits.output(from: first))
        }
    }

    /// The rows of a block of the slice's streams whose streams no other process counts.
    private func votingRows(of streams: Range<Int>) -> Range<Int> {
        let first = slice.streams.lowerBound + streams.lowerBound
        let own = slice.savedStateRows.clamped(to: first..<first + streams.count)
        return own.lowerBound - first..<own.upperBound - first
    }

    /// Reads the segment of a block that has begun.
    private func read(
        _ rows: Int, _ worker: Worker, into scores: UnsafeMutablePointer<Int32>,
        visit: (_ time: Int) -> Void = { _ in }
    ) {
        for time in 0..<population.segmentTokens {
            let inputs = worker.tokens.pointer + time * rows
            worker.block.step(inputs, stride: 1)
            worker.block.addLogLikelihood(inputs + rows, stride: 1, to: scores)
            visit(time)
        }
    }

    /// Gathers the tokens of the block's rows, one row of the result for each time.
    private func transpose(
        _ rows: Range<Int>, _ tokens: UnsafeBufferPointer<UInt8>,
        into output: UnsafeMutablePointer<UInt8>, stream: (Int) -> Int
    ) {
        let width = population.segmentTokens + 1
        for (index, row) in rows.enumerated() {
            let start = (slice.streams.lowerBound &+ stream(row)) &* width
            for time in 0..<width { output[time &* rows.count &+ index] = tokens[start &+ time] }
        }
    }
}
