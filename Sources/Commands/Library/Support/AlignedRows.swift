/// Rows of cells as lines of text whose columns stand below each other.
enum AlignedRows {
    /// Lines in which column `names`, that of the names, is flush left and all others are flush right.
    static func text(_ rows: [[String]], names: Int) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.compactMap { column < $0.count ? $0[column].count : nil }.max() ?? 0
        }
        return rows.map { row in
            row.enumerated().map { column, text in
                let padding = String(repeating: " ", count: widths[column] - text.count)
                guard column == names else { return padding + text }
                return column == columns - 1 ? text : text + padding
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
