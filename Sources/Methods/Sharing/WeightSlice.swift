import CKernels
import RecurrentLM

/// The part of a model's weights that one process updates: neighbouring rows.
public struct WeightSlice: Equatable, Sendable {
    /// By tensor id; those of a vector are its elements.
    let rows: [Range<Int>]

    /// A matrix may be cut every so many rows, which votes are counted for together; a vector nowhere.
    private static let rowStep = Int(EGG_VOTE_ROWS)

    /// The whole model.
    public init(_ layout: ParameterLayout) { rows = layout.tensors.map { 0..<$0.rows } }

    private init(rows: [Range<Int>]) { self.rows = rows }

    /// One share a process, as large as its speed among all; every row is in one of them.
    /// - Parameter speeds: by rank, 1 or more.
    static func slices(of layout: ParameterLayout, speeds: [Int]) -> [WeightSlice] {
        let total = Int128(speeds.reduce(0, +))
        var before: Int128 = 0
        var end = 0
        return speeds.map { speed in
            before += Int128(speed)
            let start = end
            end = Int(Int128(layout.parameterCount) * before / total)
            var first = 0
            let rows = layout.tensors.map { tensor in
                defer { first += tensor.count }
                return cut(tensor, start - first)..<cut(tensor, end - first)
            }
            return WeightSlice(rows: rows)
        }
    }

    /// The row nearest to weight `index` of a tensor where it may be cut.
    private static func cut(_ tensor: ParameterSpec, _ index: Int) -> Int {
        guard index < tensor.count else { return tensor.rows }
        let step = tensor.kind.isVector ? tensor.rows : rowStep
        let row = max(0, index) / tensor.rowWeights
        return min(tensor.rows, (row + step / 2) / step * step)
    }

    /// The weights of its rows, within the tensor.
    public func weights(of tensor: ParameterSpec) -> Range<Int> {
        let rows = rows[tensor.id]
        return rows.lowerBound * tensor.rowWeights..<rows.upperBound * tensor.rowWeights
    }

    /// How many weights of some tensors are in its rows.
    func count(of tensors: some Sequence<ParameterSpec>) -> Int {
        tensors.reduce(0) { $0 + weights(of: $1).count }
    }
}

extension ParameterSpec {
    /// Weights of a row: 1 of a vector.
    var rowWeights: Int { kind.isVector ? 1 : columns }
}
