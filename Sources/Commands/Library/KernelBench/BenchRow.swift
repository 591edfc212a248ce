import Diagnostics
import Storage

/// What a row of figures is of: two rows of the same can be compared.
struct BenchRow: Hashable {
    let method, shape: String
    /// The contexts as a list, empty without any, and the number of their rows.
    let contexts: String
    let contextRows: Int
    let kernel: String
    let threads, population, segmentTokens: Int

    /// The row in words, for a line.
    var name: String {
        let ofContexts = contexts.isEmpty ? "" : " with contexts \(contexts) (\(contextRows) rows)"
        return "\(method) \(shape)\(ofContexts), kernel \(kernel), \(threads.counted("thread")),"
            + " N \(population), T \(segmentTokens)"
    }

    var members: [JSONValue.Member] {
        [
            .init("method", .string(method)), .init("shape", .string(shape)),
            .init("contexts", .string(contexts)), .init("contextRows", .integer(contextRows)),
            .init("kernel", .string(kernel)), .init("threads", .integer(threads)),
            .init("population", .integer(population)),
            .init("segmentTokens", .integer(segmentTokens)),
        ]
    }
}

extension StepSpeed {
    var row: BenchRow {
        BenchRow(
            method: workload.method.rawValue, shape: workload.shape,
            contexts: workload.config.contexts.list, contextRows: workload.config.contextRows,
            kernel: workload.kernel.name, threads: threads, population: workload.population.size,
            segmentTokens: workload.population.segmentTokens)
    }
}
