import RecurrentLM

extension Parameters {
    /// Gives rows to three of four contexts of some texts, so that rows are found for them.
    public func giveRows(toContextsOf texts: [[UInt8]]) {
        for table in [contexts, direct].compactMap({ $0 }) {
            for text in texts {
                var history = ContextHistory()
                for byte in text {
                    history.read(byte)
                    for kind in config.contexts {
                        let hash = history.hash(kind)
                        let way = Int(hash >> 8) % 4
                        guard way > 0 else { continue }
                        table.give(
                            row: table.rows(of: table.bucket(of: hash)).lowerBound + way, to: hash)
                    }
                }
            }
        }
    }
}
