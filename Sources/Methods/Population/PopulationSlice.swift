/// The part of a population that one process evaluates: neighbouring directions, with all members of each.
public struct PopulationSlice: Equatable, Sendable {
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
