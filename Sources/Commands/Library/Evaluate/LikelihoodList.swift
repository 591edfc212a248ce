import Storage

/// The list of `--per-token`: one number a line. A file is complete or not there at all.
struct LikelihoodList {
    private let destination: OutputDestination

    init(_ path: String) throws(FileError) { destination = try OutputDestination(path) }

    func append(_ likelihoods: [Int32]) throws {
        try destination.write(Array(likelihoods.map { "\($0)\n" }.joined().utf8))
    }

    func commit() throws(FileError) { try destination.commit() }
}
