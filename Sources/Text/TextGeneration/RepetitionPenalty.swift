/// Makes a text repeat itself less: a byte loses probability where it followed the same bytes a short while ago.
///
/// Bytes come again and again in any text, so what counts is the byte together with the ``depth`` before it.
struct RepetitionPenalty {
    /// The bytes before a byte that must be the same.
    static let depth = 3
    /// The last bytes of the text that are looked at.
    static let window = 256

    /// What a byte loses, in 1/16 bit; 0 leaves all logits as they are.
    private let penalty: Int
    /// The last bytes of the text, at most ``window``, the newest last.
    private var recent: [UInt8]

    /// Begins after a text.
    init(penalty: Int, after text: [UInt8]) {
        self.penalty = penalty
        recent = Array(text.suffix(Self.window))
    }

    /// Adds a byte to the text.
    mutating func append(_ token: UInt8) {
        guard penalty > 0 else { return }
        if recent.count == Self.window { recent.removeFirst() }
        recent.append(token)
    }

    /// The logits less the penalty for those bytes that followed the last ``depth`` bytes before. At most -127.
    func lowered(_ logits: [Int8]) -> [Int8] {
        guard penalty > 0, recent.count > Self.depth else { return logits }
        var lowered = logits
        let last = recent.suffix(Self.depth)
        for place in Self.depth..<recent.count
        where recent[place - Self.depth..<place].elementsEqual(last) {
            let token = Int(recent[place])
            guard token < logits.count else { continue }
            lowered[token] = Int8(max(-127, Int(logits[token]) - penalty))
        }
        return lowered
    }
}
