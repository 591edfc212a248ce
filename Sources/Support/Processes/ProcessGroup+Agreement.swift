import Diagnostics

/// A failure that every process of a group knows of, and throws.
public struct SharedFailure: UserError {
    /// The place of the error, and before it the process that had the error unless all had it.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String
    /// This process's own error, where all processes failed in the same way.
    public let cause: (any Error)?

    init(_ parts: [String], where place: String = "", cause: (any Error)? = nil) {
        location = place.isEmpty ? parts[0] : "\(place): \(parts[0])"
        finding = parts[1]
        remedy = parts[2]
        self.cause = cause
    }

    /// Makes the failure of an error that was found alike in every process.
    public init(_ error: some UserError) {
        self.init([error.location, error.finding, error.remedy], cause: error)
    }
}

/// A process that differs from rank 0 in what all must have in common.
struct ProcessDifference: UserError {
    let location: String
    let finding: String
    let remedy = "start every process with the same program, config and data"
}

extension ProcessGroup {
    /// The numbers of all processes, by rank.
    public func allGather(_ value: UInt64) -> [UInt64] {
        let bytes = withUnsafeBytes(of: value) { [UInt8]($0) }
        let all = allGather(bytes, sizes: [Int](repeating: bytes.count, count: count))
        return all[...].integers(UInt64.self)
    }

    /// The integers of all processes in rank 0, in the order of rank; other ranks get none. `counts` has the number of
    /// integers of each process, by rank.
    package func gather<Value: FixedWidthInteger>(_ part: [Value], counts: [Int]) -> [Value] {
        let bytes = part.withUnsafeBytes { [UInt8]($0) }
        let sizes = counts.map { $0 * MemoryLayout<Value>.size }
        return gather(bytes, sizes: sizes)[...].integers(Value.self)
    }

    /// The texts of all processes, by rank.
    public func allGather(_ text: String) -> [String] {
        let part = Array(text.utf8)
        let sizes = allGather(UInt64(part.count)).map { Int($0) }
        return allGather(part, sizes: sizes).messages(sizes: sizes).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The text of rank 0, in every process.
    public func broadcast(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let size = Int(allGather(UInt64(bytes.count))[0])
        let own = isFirst ? bytes : [UInt8](repeating: 0, count: size)
        return String(decoding: broadcast(own), as: UTF8.self)
    }

    /// Does something that may fail in every process: it fails in all of them or in none.
    /// - Throws: What `body` throws in a group of one; else ``SharedFailure`` with the error of the first
    ///   process that failed.
    public func together<Value>(_ body: () throws -> Value) throws -> Value {
        guard count > 1 else { return try body() }
        let result = Result { try body() }
        var cause: (any Error)?
        if case .failure(let error) = result { cause = error }
        let reports = allGather(cause.map { Self.report($0, host: host) } ?? "")
        guard let first = reports.firstIndex(where: { !$0.isEmpty }) else {
            return try result.get()
        }
        let parts = Self.parts(reports[first])
        let isShared = reports.allSatisfy { Self.parts($0).dropFirst() == parts.dropFirst() }
        if isShared { throw SharedFailure(Array(parts.dropFirst()), cause: cause) }
        throw SharedFailure(Array(parts.dropFirst()), where: name(rank: first, host: parts[0]))
    }

    /// A report of an error: host, location, finding and remedy, with a 0 between them.
    private static func report(_ error: any Error, host: String) -> String {
        let parts: [String] =
            if let error = error as? any UserError {
                [host, error.location, error.finding, error.remedy]
            } else {
                [host, "unexpected", "\(error)", "report this"]
            }
        return parts.joined(separator: "\0")
    }

    private static func parts(_ report: String) -> [String] {
        let parts = report.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        return parts + [String](repeating: "", count: max(0, 4 - parts.count))
    }

    /// Checks that every process has the same facts as rank 0, in the same order.
    /// - Throws: ``SharedFailure`` naming the first process with a difference, and the fact.
    public func requireSame(_ facts: [(name: String, value: String)]) throws {
        guard count > 1 else { return }
        let own = facts.map { "\($0.name)\t\($0.value)" }
        let wanted = broadcast(own.joined(separator: "\0"))
            .split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        try together {
            guard own != wanted else { return }
            let index = zip(own, wanted).enumerated().first { $1.0 != $1.1 }?.offset ?? 0
            func shown(_ fact: String) -> (name: String, value: String) {
                let parts = fact.split(
                    separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
            let (mine, first) = (shown(own[index]), shown(wanted[index]))
            throw ProcessDifference(
                location: mine.name,
                finding: "is \(mine.value), but \(first.name) is \(first.value) in process 0")
        }
    }

    /// The largest of the processes' values.
    public func largest(_ value: Int32) -> Int32 {
        guard count > 1 else { return value }
        let all = allGather(UInt64(UInt32(bitPattern: value)))
        return all.map { Int32(truncatingIfNeeded: $0) }.max() ?? value
    }
}
