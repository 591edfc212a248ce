/// The part of a population that one process evaluates: neighbouring directions, with all members of each.
public struct PopulationSlice: Equatable, Sendable {
    /// The population that the slice is a part of.
    public let population: Population
    /// The directions of the slice, among those of the population.
    public let directions: Range<Int>

    /// Makes the slice with these directions.
    public init(_ population: Population, directions: Range<Int>) {
        self.population = population
        self.directions = directions
    }

    /// Makes a slice that is the whole population.
    public init(_ population: Population) {
        self.init(population, directions: 0..<population.directions)
    }

    /// The members of the slice, among those of the population.
    public var members: Range<Int> {
        let perDirection = population.membersPerDirection
        return directions.lowerBound * perDirection..<directions.upperBound * perDirection
    }

    /// The rows of its members in the forward pass, among those of the population.
    public var rows: Range<Int> {
        let sequences = population.sequencesPerMember
        return members.lowerBound * sequences..<members.upperBound * sequences
    }

    /// The streams that its members read; slices that cut a group have its streams in common.
    var streams: Range<Int> {
        guard !members.isEmpty else { return 0..<0 }
        return streams(
            ofGroups: members.lowerBound / population.groupSize..<groups(below: members.upperBound))
    }

    /// The hidden states that it keeps, among all ``Population/stateRows``.
    var stateRows: Range<Int> { population.sampling == .antithetic ? rows : streams }

    /// The hidden states that it gives a checkpoint, among ``stateRows``. Slices that have a stream in common both know
    /// its state: the slice that has the group's first member gives it.
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
