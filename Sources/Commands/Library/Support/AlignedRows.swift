/// Rows of cells as lines of text whose columns stand below each other.
enum AlignedRows {
    /// Lines in which column `names`, that of the names, is flush left and all others are flush right.
    static func text(_ rows: [[String]], names: Int) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.compactMap { column < $0.count ? $0[column].count : nil }.max() ?? 0
        }
        return rows.map { line($0, widths: widths, names: names) }.joined(separator: "\n")
    }

    /// One of the lines, for a table whose rows come one by one: `widths` are those of its columns, and a cell that is
    /// wider moves what follows it.
    static func line(_ cells: [String], widths: [Int], names: Int) -> String {
        zip(cells, widths).enumerated().map { column, cell in
            let (text, width) = cell
            let padding = String(repeating: " ", count: max(0, width - text.count))
            guard column == names else { return padding + text }
            return column == widths.count - 1 ? text : text + padding
        }.joined(separator: "  ")
    }
}
