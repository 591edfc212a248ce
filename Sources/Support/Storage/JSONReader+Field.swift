extension JSONReader {
    /// Checks that the value which begins with `byte` can be the wanted text, or hold it.
    mutating func requireKind(of byte: UInt8?, _ key: Int) throws {
        let isText = key == field.count
        guard let byte, let kind = try kind(of: byte),
            byte != UInt8(ascii: isText ? "\"" : "{")
        else { return }
        let name = key == 0 ? "the line" : Self.shown(field[key - 1])
        throw error("\(name) is \(kind), not \(isText ? "a string" : "an object")")
    }

    /// The kind of the value that begins with `byte`; nil where none does.
    private mutating func kind(of byte: UInt8) throws -> String? {
        switch byte {
        case UInt8(ascii: "{"): "an object"
        case UInt8(ascii: "["): "an array"
        case UInt8(ascii: "\""): "a string"
        case UInt8(ascii: "t"): try isNext("true") ? "a Boolean" : nil
        case UInt8(ascii: "f"): try isNext("false") ? "a Boolean" : nil
        case UInt8(ascii: "n"): try isNext("null") ? "null" : nil
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): "a number"
        default: nil
        }
    }

    /// The beginning of a key as JSON, so that control characters in it stay visible.
    static func shown(_ key: some Sequence<UInt8>) -> String {
        JSONValue.string(String(String(decoding: Array(key), as: UTF8.self).prefix(60))).text
    }
}
