import Processes

/// What the processes of a run tell each other in a step: one message each, from which all of them make the
/// fitness of the whole population.
///
/// A message is the sum of the process's log-likelihoods (8 bytes), then its directions: the packed fitness
/// where that is a direction's own sign (a fifth of a byte each, ``FitnessPacking``), else the rises of
/// the scores (4 bytes each), as their mean or RMS is that of the whole population.
struct ScoreExchange {
    /// The fitness of a population and the sum of its log-likelihoods.
    struct Outcome {
        let fitness: Fitness
        let logLikelihood: Int64
    }

    private let form: FitnessForm
    private let sampling: Sampling
    private let processes: any ProcessGroup
    /// The number of directions of each process, by rank.
    private let directions: [Int]

    private static let sumBytes = MemoryLayout<Int64>.size

    init(_ population: Population, _ form: FitnessForm, _ division: WorkDivision) {
        self.form = form
        sampling = population.sampling
        processes = division.processes
        directions = division.slices(of: population).map(\.directions.count)
    }

    private var sendsSigns: Bool { form == .sign && sampling == .antithetic }

    /// Bytes of a message about so many directions.
    func messageBytes(_ directions: Int) -> Int {
        let body =
            sendsSigns
            ? FitnessPacking(form).byteCount(directions: directions)
            : directions * MemoryLayout<Int32>.size
        return Self.sumBytes + body
    }

    /// The fitness of the whole population, from the scores of this process and the others. Collective. A message that
    /// cannot be what a process sent ends the job.
    func outcome(_ own: PopulationScores) -> Outcome {
        guard processes.count > 1 else {
            return Outcome(
                fitness: Fitness(form, differences: own.differences),
                logLikelihood: own.logLikelihood)
        }
        let sizes = directions.map(messageBytes)
        let all = processes.allGather(message(own), sizes: sizes)
        var rises: [Int32] = []
        var signs: [Int8] = []
        var sum: Int64 = 0
        for (rank, message) in all.messages(sizes: sizes).enumerated() {
            sum += message.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
            let body = message.dropFirst(Self.sumBytes)
            guard sendsSigns else {
                rises += body.integers(Int32.self)
                continue
            }
            guard let values = FitnessPacking(form).unpack(body, directions: directions[rank])
            else { processes.abort("the fitness that process \(rank) sent is damaged") }
            signs += values
        }
        let fitness =
            sendsSigns
            ? Fitness(form, values: signs)
            : Fitness(form, differences: PopulationScores.differences(of: rises, sampling))
        return Outcome(fitness: fitness, logLikelihood: sum)
    }

    private func message(_ own: PopulationScores) -> [UInt8] {
        let sum = withUnsafeBytes(of: own.logLikelihood) { [UInt8]($0) }
        guard sendsSigns else { return sum + own.rises.withUnsafeBytes { [UInt8]($0) } }
        return sum + FitnessPacking(form).pack(own.rises.map { Int8($0.signum()) })
    }
}
