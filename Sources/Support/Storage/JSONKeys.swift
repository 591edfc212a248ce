/// The keys that were read of the objects which are open, those of the innermost one last.
///
/// Most objects have few keys, among which looking at each is quickest.
struct JSONKeys {
    private static let fewest = 16
    private static let mostShown = 5

    /// An open object.
    struct Object {
        /// Its first key among all.
        fileprivate let first: Int
        /// Its keys after the first ``fewest``.
        fileprivate var more: Set<[UInt8]> = []
    }

    private var bytes: [UInt8] = []
    /// Key i is made of the bytes from place i on up to the next.
    private var places = [0]

    private var count: Int { places.count - 1 }

    mutating func open() -> Object { Object(first: count) }

    mutating func close(_ object: Object) {
        bytes.removeLast(bytes.count - places[object.first])
        places.removeLast(count - object.first)
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        places.removeLast(count)
    }

    /// Takes note of a key of the innermost object; false where it was there before.
    mutating func insert(_ key: [UInt8], into object: inout Object) -> Bool {
        for number in object.first..<count
        where bytes[places[number]..<places[number + 1]].elementsEqual(key) {
            return false
        }
        guard count - object.first == Self.fewest else {
            bytes.append(contentsOf: key)
            places.append(bytes.count)
            return true
        }
        return object.more.insert(key).inserted
    }

    /// The keys of the innermost object, for an error: `its keys are "a", "b"`.
    func list(_ object: Object) -> String {
        guard object.first < count else { return "it is empty" }
        let shown = (object.first..<count).prefix(Self.mostShown).map { number in
            JSONReader.shown(bytes[places[number]..<places[number + 1]])
        }
        let hidden = count - object.first + object.more.count - shown.count
        return "its keys are \(shown.joined(separator: ", "))"
            + (hidden > 0 ? " and \(hidden) more" : "")
    }
}
