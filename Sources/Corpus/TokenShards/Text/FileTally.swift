/// Counts files and directories by kinds, in constant memory: how many of each, and the names of the first.
public struct FileTally: Sendable, Equatable {
    private static let mostExamples = 5

    private struct Kind: Equatable {
        let label: String
        var count: Int
    }

    /// The number of files and directories.
    public private(set) var count = 0
    /// The kinds in the order in which they first came.
    private var kinds: [Kind] = []
    private var examples: [String] = []

    mutating func add(_ path: String, _ label: String) {
        add(Kind(label: label, count: 1))
        if examples.count < Self.mostExamples { examples.append(path) }
    }

    mutating func add(_ other: FileTally) {
        for kind in other.kinds { add(kind) }
        examples += other.examples.prefix(Self.mostExamples - examples.count)
    }

    private mutating func add(_ kind: Kind) {
        count += kind.count
        if let place = kinds.firstIndex(where: { $0.label == kind.label }) {
            kinds[place].count += kind.count
        } else {
            kinds.append(kind)
        }
    }

    /// The numbers of the kinds, such as `2 xz, 1 hidden`.
    public var byKind: String { kinds.map { "\($0.count) \($0.label)" }.joined(separator: ", ") }

    /// The names of the first, such as `a/b.xz, a/.git`, and how many more there are.
    public var names: String {
        let more = count - examples.count
        return examples.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
