import IntegerTensor
import Processes
import RecurrentLM

/// How a population is spread over the processes of a run: directions by the speed of each process, which is
/// the number of its threads until it has been measured.
public struct WorkDivision: Sendable {
    /// The processes of the run.
    public let processes: any ProcessGroup
    /// The speed of each process beside that of the others, by rank: 1...2^16.
    private let speeds: [Int]
    /// The threads of each process, by rank.
    private let threads: [Int]
    private let updateSharing: UpdateSharing

    private static let fastest = 1 << 16

    /// Makes a division by threads, which every process tells the others. Collective.
    /// - Parameters:
    ///   - processes: The processes of the run.
    ///   - threads: The threads of this process, 1 or more.
    ///   - updateSharing: Whether they divide the update; it must be the same in all.
    public init(
        _ processes: any ProcessGroup, threads: Int, updateSharing: UpdateSharing = .auto
    ) {
        self.processes = processes
        self.updateSharing = updateSharing
        self.threads = processes.allGather(UInt64(threads)).map { min(Int($0), Self.fastest) }
        speeds = self.threads
    }

    private init(_ other: WorkDivision, speeds: [Int]) {
        processes = other.processes
        threads = other.threads
        updateSharing = other.updateSharing
        self.speeds = speeds
    }

    /// A division by which this process does all of the work.
    public static var undivided: WorkDivision { WorkDivision(SingleProcess(), threads: 1) }

    /// The slice of each process, by rank; some are empty where there are more processes than directions.
    ///
    /// Each process gets one direction, so that its speed can be measured; the others go by speed.
    /// P < 2^24 times the speeds of some thousand processes stays far below 2^63.
    func slices(of population: Population) -> [PopulationSlice] {
        let total = speeds.reduce(0, +)
        let least = population.directions < speeds.count ? 0 : 1
        let rest = population.directions - least * speeds.count
        var before = 0
        return speeds.enumerated().map { rank, own in
            let first = least * rank + rest * before / total
            before += own
            let end = least * (rank + 1) + rest * before / total
            return PopulationSlice(population, directions: first..<end)
        }
    }

    /// The slice of this process.
    func ownSlice(of population: Population) -> PopulationSlice {
        slices(of: population)[processes.rank]
    }

    /// A division by measured speed. Collective; all processes decide the same from the same numbers.
    /// - Parameters:
    ///   - population: The population whose slices were evaluated.
    ///   - microseconds: How long this process took to evaluate its slice, over any number of steps that is
    ///     the same in all processes.
    /// - Returns: Nil where a step would not become shorter by a twentieth, or a process has an empty slice.
    public func rebalanced(
        afterEvaluating population: Population, in microseconds: Int
    ) -> WorkDivision? {
        let times = processes.allGather(UInt64(max(1, microseconds))).map { Int($0) }
        let directions = slices(of: population).map(\.directions.count)
        guard processes.count > 1, directions.allSatisfy({ $0 > 0 }) else { return nil }
        // Directions in 2^24 µs; P < 2^24, so 48 bits.
        let rates = zip(directions, times).map { max(1, ($0 << 24) / $1) }
        let longest = times.max() ?? 1
        let expected = (population.directions << 24) / rates.reduce(0, +)
        guard expected < longest - longest / 20 else { return nil }
        let highest = rates.max() ?? 1
        return WorkDivision(self, speeds: rates.map { max(1, $0 * Self.fastest / highest) })
    }

    /// Decides which weights each process updates. That does not change when ``rebalanced(afterEvaluating:in:)`` moves
    /// directions from process to process: what a rule keeps stays where it is.
    /// - Parameters:
    ///   - layout: The tensors of the model.
    ///   - directions: The directions whose votes each process would count; 0 where votes are added up anyhow.
    public func update(of layout: ParameterLayout, directions: Int) -> UpdateDivision {
        let isShared = updateSharing.isShared(
            weights: layout.parameterCount, directions: directions, threads: threads)
        return UpdateDivision(processes, layout, speeds: isShared ? threads : nil)
    }

    /// Adds up the votes of the threads of this process, at least one, and then those of all processes. Collective. Any
    /// part of the work has votes within the bounds of all, so no order of the additions passes 32 bits.
    /// - Parameters:
    ///   - parts: The votes of each thread, tensor by tensor.
    ///   - votes: Where the sums go.
    ///   - pool: The threads that share the tensors.
    func sum(
        _ parts: [[AlignedBuffer<Int32>]], into votes: [AlignedBuffer<Int32>], on pool: WorkerPool
    ) {
        pool.run(votes.count) { id, _ in
            let sum = votes[id]
            sum.pointer.update(from: parts[0][id].pointer, count: sum.count)
            for part in parts.dropFirst() {
                let addend = part[id].pointer
                for i in 0..<sum.count { sum.pointer[i] &+= addend[i] }
            }
        }
        for tensor in votes { processes.sum(tensor.span) }
    }

    /// What is saved of the states of the whole population in rank 0; other ranks get none.
    /// - Parameters:
    ///   - values: What this process saves, without padding: hidden states, or histories of contexts.
    ///   - rows: How many states each process saves, by rank.
    ///   - width: The values of a state.
    func gather<Value: FixedWidthInteger>(
        _ values: [Value], rows: [Int], width: Int
    ) -> [Value] {
        guard processes.count > 1 else { return values }
        return processes.gather(values, counts: rows.map { $0 * width })
    }
}
