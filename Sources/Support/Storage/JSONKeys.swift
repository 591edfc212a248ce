/// The keys of an object that were read.
///
/// Most objects have few keys, among which looking at each is quickest.
struct JSONKeys {
    private static let fewest = 16
    private static let mostShown = 5

    private var first: [String] = []
    private var more: Set<String> = []

    func contains(_ key: String) -> Bool { first.contains(key) || more.contains(key) }

    /// Takes note of a key; false where it was there before.
    mutating func insert(_ key: String) -> Bool {
        guard !first.contains(key) else { return false }
        guard first.count == Self.fewest else {
            first.append(key)
            return true
        }
        return more.insert(key).inserted
    }

    /// The keys, for an error: `its keys are "a" and "b"`.
    var list: String {
        guard !first.isEmpty else { return "it is empty" }
        let shown = first.prefix(Self.mostShown).map(JSONReader.shown).joined(separator: ", ")
        let hidden = first.count + more.count - Self.mostShown
        return "its keys are \(shown)" + (hidden > 0 ? " and \(hidden) more" : "")
    }
}
