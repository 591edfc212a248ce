/// The `__metadata__` of a safetensors file: texts by name, in an order that is kept.
///
/// Worked example: `["step": "12", "tokenizer": "bytes"]` is written in this order.
public struct SafetensorsMetadata: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// A text and its name.
    public struct Entry: Sendable, Equatable {
        /// The name of the text.
        public let key: String
        /// The text.
        public var value: String
    }

    /// The entries in the order of the file; each key occurs once.
    public private(set) var entries: [Entry] = []

    /// Makes metadata without entries.
    public init() {}

    /// Makes metadata from pairs of a key and its text; of two equal keys the later text wins.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (key, value) in elements { self[key] = value }
    }

    /// The text of `key`. A new key is added at the end; nil removes the entry.
    public subscript(key: String) -> String? {
        get { entries.first { $0.key == key }?.value }
        set {
            let index = entries.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append(Entry(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Takes entries whose keys are known to differ, as the JSON reader guarantees.
    init(distinct entries: [Entry]) {
        self.entries = entries
    }
}
