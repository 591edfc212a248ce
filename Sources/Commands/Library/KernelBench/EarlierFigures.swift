import Diagnostics
import EvolutionStrategy
import Storage

/// A file of figures that cannot be compared with.
struct FiguresError: UserError {
    /// The file, and the line and the column in it where there are such: `FILE:LINE:COLUMN`, both counted from 1.
    let location: String
    let finding: String
    let remedy: String

    fileprivate init(
        _ location: String, _ finding: String,
        remedy: String = "name a file that kernel-bench --json wrote"
    ) {
        self.location = location
        self.finding = finding
        self.remedy = remedy
    }
}

/// The figures that an earlier `kernel-bench --json` wrote, a row a line.
struct EarlierFigures {
    /// What is compared of a row.
    struct Figures {
        /// Multiply-accumulates a second.
        let speed: Quantiles
        /// Share of the roofline, in 1/1000.
        let share: Quantiles
    }

    let path: String
    /// The rows in the order of the file.
    let rows: [BenchRow]
    private let figures: [BenchRow: Figures]

    private static let mostBytes = 1 << 24

    /// Reads a file, or standard input for `-`.
    /// - Throws: `FileError` where it cannot be read, ``FiguresError`` where it holds something else.
    init(_ path: String) throws {
        let file = try InputFile.named(path)
        self.path = file.path
        var rows: [BenchRow] = []
        var figures: [BenchRow: Figures] = [:]
        let lines = try Files.read(file, atMost: Self.mostBytes).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.isEmpty {
            let reader = FiguresReader(path: file.path, line: index + 1)
            let (row, read) = try reader.read(Array(line))
            guard figures.updateValue(read, forKey: row) == nil else {
                throw reader.error("has the row '\(row.name)' again", remedy: "keep one of them")
            }
            rows.append(row)
        }
        guard !rows.isEmpty else { throw FiguresError(file.path, "holds no figures") }
        self.rows = rows
        self.figures = figures
    }

    /// The figures of a row; nil where the file has none.
    subscript(row: BenchRow) -> Figures? { figures[row] }
}

/// Reads a line of figures.
private struct FiguresReader {
    let path: String
    let line: Int

    /// The products of a figure with 1000 fit 64 bits.
    private static let most = Int.max / 1000

    func error(_ finding: String, remedy: String? = nil) -> FiguresError {
        let location = "\(path):\(line)"
        return remedy.map { FiguresError(location, finding, remedy: $0) }
            ?? FiguresError(location, finding)
    }

    func read(_ bytes: [UInt8]) throws(FiguresError) -> (BenchRow, EarlierFigures.Figures) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(bytes) } catch {
            throw FiguresError("\(path):\(line):\(error.column)", error.problem)
        }
        guard value.members != nil else { throw self.error("is no object") }
        let row = BenchRow(
            // What had no other method and no contexts did not name them.
            method: try text("method", of: value, default: Eggroll.name),
            shape: try text("shape", of: value),
            contexts: try text("contexts", of: value, default: ""),
            contextRows: try integer("contextRows", of: value, default: 0),
            kernel: try text("kernel", of: value), threads: try integer("threads", of: value),
            population: try integer("population", of: value),
            segmentTokens: try integer("segmentTokens", of: value))
        return (
            row,
            EarlierFigures.Figures(
                speed: try quantiles("macPerSecond", of: value),
                share: try quantiles("rooflinePermille", of: value))
        )
    }

    private func text(
        _ key: String, of value: JSONValue, default missing: String? = nil
    ) throws(FiguresError) -> String {
        try member(key, of: value, default: missing, "text") { $0.string }
    }

    private func integer(
        _ key: String, of value: JSONValue, default missing: Int? = nil
    ) throws(FiguresError) -> Int {
        try member(key, of: value, default: missing, "integer from 0 to \(Self.most)") {
            $0.integer.flatMap { 0...Self.most ~= $0 ? $0 : nil }
        }
    }

    private func member<Value>(
        _ key: String, of value: JSONValue, default missing: Value?, _ kind: String,
        read: (JSONValue) -> Value?
    ) throws(FiguresError) -> Value {
        guard let found = value[key] else {
            guard let missing else { throw error("has no '\(key)'") }
            return missing
        }
        guard let read = read(found) else { throw error("has a '\(key)' that is no \(kind)") }
        return read
    }

    private func quantiles(
        _ key: String, of value: JSONValue
    ) throws(FiguresError) -> Quantiles {
        let quantiles = Quantiles(
            low: try integer(key + "P10", of: value), median: try integer(key, of: value),
            high: try integer(key + "P90", of: value))
        guard quantiles.low <= quantiles.median, quantiles.median <= quantiles.high else {
            throw error("has a '\(key)' that does not lie between its P10 and its P90")
        }
        return quantiles
    }
}
