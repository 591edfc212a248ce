/// Fitness of antithetic pairs.
public enum Fitness {
    /// F_p = sign(score₊ - score₋) in {-1, 0, 1} (paper, section 4.2).
    ///
    /// - Parameter scores: one a member, members 2p and 2p + 1 forming pair p.
    public static func signs(scores: [Int32]) -> [Int8] {
        (0..<scores.count / 2).map { pair in
            let (plus, minus) = (scores[2 * pair], scores[2 * pair + 1])
            return plus > minus ? 1 : plus < minus ? -1 : 0
        }
    }
}
