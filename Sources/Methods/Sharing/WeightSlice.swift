import CKernels
import RecurrentLM

/// The part of a model's weights that one process updates: neighbouring rows.
public struct WeightSlice: Equatable, Sendable {
    /// The rows of the slice by tensor id; the rows of a vector are its elements.
    let rows: [Range<Int>]

    /// A matrix may be cut after every so many rows, whose votes are counted together; a vector may not be cut.
    private static let rowStep = Int(EGG_VOTE_ROWS)

    /// Makes a slice that is the whole model.
    public init(_ layout: ParameterLayout) { rows = layout.tensors.map { 0..<$0.rows } }

    private init(rows: [Range<Int>]) { self.rows = rows }

    /// One slice for each process, as large as its speed among all; every row is in one of them. Speeds are 1 or more,
    /// by rank.
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

    /// The weights of a tensor that the slice has, counted within the tensor.
    public func weights(of tensor: ParameterSpec) -> Range<Int> {
        let rows = rows[tensor.id]
        return rows.lowerBound * tensor.rowWeights..<rows.upperBound * tensor.rowWeights
    }

    /// How many weights of some tensors the slice has.
    func count(of tensors: some Sequence<ParameterSpec>) -> Int {
        tensors.reduce(0) { $0 + weights(of: $1).count }
    }
}

extension ParameterSpec {
    /// The weights of a row; a row of a vector is one weight.
    var rowWeights: Int { kind.isVector ? 1 : columns }
}
