import Storage

/// A text that is held back until it is known to be wanted: in memory where it is short, and otherwise in a file beside
/// the shards, which exists only meanwhile.
final class HeldText {
    private static let mostInMemory = 1 << 22

    private let dataset: StagedDataset
    private var bytes: [UInt8] = []
    private var file: OutputFile?
    private var stored = 0

    init(_ dataset: StagedDataset) { self.dataset = dataset }

    func append(_ part: UnsafeRawBufferPointer) throws {
        if bytes.count + part.count > Self.mostInMemory { try store() }
        bytes.append(contentsOf: part)
    }

    /// Hands over the text in parts and forgets it.
    func give(to take: (UnsafeRawBufferPointer) throws -> Void) throws {
        if file != nil {
            let input = try InputFile(dataset.temporaryPath(StagedDataset.heldText))
            var part = [UInt8](repeating: 0, count: min(stored, 1 << 17))
            var place = 0
            while place < stored {
                let count = try input.read(into: &part, at: place)
                guard count > 0 else {
                    throw FileError(input.path, "was cut off", remedy: "run the command again")
                }
                try part.withUnsafeBytes { bytes in
                    try take(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                }
                place += count
            }
        }
        try bytes.withUnsafeBytes { try take($0) }
        try forget()
    }

    func forget() throws {
        bytes.removeAll(keepingCapacity: true)
        guard file != nil else { return }
        (file, stored) = (nil, 0)
        try dataset.remove(StagedDataset.heldText)
    }

    /// Moves what is in memory to the file.
    private func store() throws {
        let file = try self.file ?? dataset.create(StagedDataset.heldText)
        self.file = file
        try file.write(bytes)
        stored += bytes.count
        bytes.removeAll(keepingCapacity: true)
    }
}
