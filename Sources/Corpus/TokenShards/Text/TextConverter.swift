/// A way to get text out of decompressed bytes that are no text yet.
protocol TextConverter: AnyObject {
    /// Puts the next bytes of the text at the start of `target`; 0 at the end.
    /// - Throws: ``TextError`` with the place of what is no text, or what reading `source` throws.
    func read(_ source: DecompressedInput, into target: UnsafeMutableRawBufferPointer) throws -> Int
}
