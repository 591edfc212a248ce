/// The place of a text in a JSON object: a key, or the keys of objects in each other, the outermost first.
public struct RecordField: Equatable, Sendable {
    let keys: [String]

    /// Reads keys with dots between them, such as `text` or `document.body`; `\.` is a dot of a key, and `\\` a backslash.
    /// Nil where a key is empty.
    public init?(_ text: String) {
        var keys = [""]
        var isEscaped = false
        for character in text {
            if isEscaped {
                guard character == "." || character == "\\" else { return nil }
                keys[keys.count - 1].append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "." {
                keys.append("")
            } else {
                keys[keys.count - 1].append(character)
            }
        }
        guard !isEscaped, keys.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.keys = keys
    }
}
