import Storage

/// The file of `--per-token`: one number a line, complete or not there at all.
struct LikelihoodList {
    private let file: AtomicFile

    init(_ path: String) throws(FileError) { file = try AtomicFile(path) }

    func append(_ likelihoods: [Int32]) throws(FileError) {
        try file.write(Array(likelihoods.map { "\($0)\n" }.joined().utf8))
    }

    func commit() throws(FileError) { try file.commit() }
}
