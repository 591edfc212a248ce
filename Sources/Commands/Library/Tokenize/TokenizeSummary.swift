import Diagnostics
import FixedPoint
import Storage
import TokenShards

/// The line that says what was made.
enum TokenizeSummary {
    static func text(of index: ShardIndex, in directory: String, textBytes: Int) -> String {
        let stored = Split.allCases.flatMap { index[$0].shards }.reduce(0) { $0 + $1.bytes }
        let ratio = DecimalText.format(Int64(textBytes), over: Int64(stored), decimals: 2)
        let parts = Split.allCases.filter { index[$0].tokens > 0 }.map { text(of: index[$0], $0) }
        return "\(directory.asPlainLine): " + parts.joined(separator: "; ")
            + "; \(stored.counted("byte")), \(ratio) bytes of text to one"
    }

    private static func text(of part: ShardIndex.Part, _ split: Split) -> String {
        "\(split.rawValue) \(part.tokens.counted("token")) in "
            + "\(part.documents.counted("document")) and \(part.shards.count.counted("shard"))"
    }

    /// What was read, by its kinds; nil for one file of text.
    static func read(_ files: FileTally) -> String? {
        guard files.count > 1 || files.byKind != "1 text" else { return nil }
        return "read \(files.count.counted("file")): \(files.byKind)"
    }

    /// Lines that were skipped; nil where none were.
    static func skipped(_ lines: BadLines) -> String? {
        lines.first.map {
            "skipped \(lines.count.counted("bad line")); the first is \($0.location): \($0.finding)"
        }
    }

    /// What was read as text and may be records; nil where nothing was.
    static func records(_ files: FileTally) -> String? {
        guard files.count > 0 else { return nil }
        return
            "read \(files.count.counted("text")) that \(files.count == 1 ? "begins" : "begin") with a JSON object "
            + "(\(files.names)), with the JSON around the texts; for the texts alone run this again with --field text, "
            + "or whatever their key is, and --force"
    }

    /// What was read and may be no text; nil where nothing was.
    static func doubtful(_ files: FileTally) -> String? {
        guard files.count > 0 else { return nil }
        let text = "\(files.count.counted("text")) with many NUL bytes or control characters"
        return "read \(text) (\(files.names)); check whether they are texts, and their --encoding"
    }

    /// What a data set without a validation split lacks; nil where it has one.
    static func validation(of index: ShardIndex) -> String? {
        guard index[.validation].tokens == 0 else { return nil }
        return "no validation split: pretrain will measure nothing; for one, run this again with "
            + "--validation-fraction 0.05 and --force"
    }

    /// The command that comes next, for pasting.
    static func next(_ directory: String) -> String {
        let name = Paths.name(directory)
        let run = Paths.join("runs", name == "." || name == ".." ? "first" : name)
        let arguments = [
            "--config", "Configs/quickstart.yaml", "--set", "data.shards=\(directory)", "--output",
            run,
        ]
        return "next: " + NextCommand.line(.pretrain, arguments)
    }
}
