import IntegerTensor
import Processes

/// The part of a population that one process evaluates: neighbouring directions, with all members of each.
public struct PopulationShare: Equatable, Sendable {
    public let population: Population
    public let directions: Range<Int>

    public init(_ population: Population, directions: Range<Int>) {
        self.population = population
        self.directions = directions
    }

    /// The whole population.
    public init(_ population: Population) {
        self.init(population, directions: 0..<population.directions)
    }

    public var members: Range<Int> {
        let perDirection = population.membersPerDirection
        return directions.lowerBound * perDirection..<directions.upperBound * perDirection
    }

    /// Rows of the forward pass.
    public var rows: Range<Int> {
        let sequences = population.sequencesPerMember
        return members.lowerBound * sequences..<members.upperBound * sequences
    }

    /// The streams that its members read; shares that cut a group have its streams in common.
    var streams: Range<Int> {
        guard !members.isEmpty else { return 0..<0 }
        return streams(
            ofGroups: members.lowerBound / population.groupSize..<groups(below: members.upperBound))
    }

    /// The hidden states that it keeps, of all ``Population/stateRows``.
    var stateRows: Range<Int> { population.sampling == .antithetic ? rows : streams }

    /// Those of them that it gives a checkpoint. Shares that have a stream in common both know its state:
    /// it is of the share that has the group's first member.
    var savedStateRows: Range<Int> {
        guard population.sampling == .oneSided else { return rows }
        return streams(
            ofGroups: groups(below: members.lowerBound)..<groups(below: members.upperBound))
    }

    /// Groups whose first member is below `member`.
    private func groups(below member: Int) -> Int {
        (member + population.groupSize - 1) / population.groupSize
    }

    private func streams(ofGroups groups: Range<Int>) -> Range<Int> {
        let sequences = population.sequencesPerMember
        return groups.lowerBound * sequences..<groups.upperBound * sequences
    }
}

/// How a population is spread over the processes of a run: each gets as many directions as its threads are
/// of all threads.
public struct WorkDivision: Sendable {
    public let processes: any ProcessGroup
    /// Threads of each process, by rank.
    private let threads: [Int]
    private let voteSharing: VoteSharing

    /// Tells the others the threads of this process. Collective.
    /// - Parameters:
    ///   - threads: 1 or more.
    ///   - voteSharing: the same in all processes.
    public init(_ processes: any ProcessGroup, threads: Int, voteSharing: VoteSharing = .auto) {
        self.processes = processes
        self.voteSharing = voteSharing
        self.threads = processes.allGather(UInt64(threads)).map { Int($0) }
    }

    /// All of the work in this process.
    public static var undivided: WorkDivision { WorkDivision(SingleProcess(), threads: 1) }

    /// The share of each process, by rank; empty where there are more processes than directions.
    ///
    /// P < 2^24 times the threads of the job stays far below 2^63.
    func shares(of population: Population) -> [PopulationShare] {
        let total = threads.reduce(0, +)
        var before = 0
        return threads.map { own in
            let first = population.directions * before / total
            before += own
            let end = population.directions * before / total
            return PopulationShare(population, directions: first..<end)
        }
    }

    /// The share of this process.
    func ownShare(of population: Population) -> PopulationShare {
        shares(of: population)[processes.rank]
    }

    /// Whether each process counts the votes of its own share only.
    func sharesVotes(of population: Population) -> Bool {
        voteSharing.isShared(directions: population.directions, processes: processes.count)
    }

    /// Adds up the votes of all processes. Collective. Any part of the directions has votes within the bounds
    /// of all, so no order of the additions passes 32 bits.
    func sum(_ votes: [AlignedBuffer<Int32>]) {
        for tensor in votes { processes.sum(tensor.span) }
    }

    /// The hidden states of the whole population in rank 0, those of no row in others.
    /// - Parameters:
    ///   - states: those that this process saves, without padding.
    ///   - rows: how many each process saves, by rank.
    ///   - width: bytes of a row.
    func gather(states: [Int8], rows: [Int], width: Int) -> [Int8] {
        guard processes.count > 1 else { return states }
        let bytes = states.map(UInt8.init(bitPattern:))
        return processes.gather(bytes, sizes: rows.map { $0 * width }).map(Int8.init(bitPattern:))
    }
}
