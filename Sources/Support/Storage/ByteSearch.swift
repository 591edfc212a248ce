import CLibrary

extension UnsafeRawBufferPointer {
    /// The place of the first byte of that value.
    package func firstPlace(of byte: UInt8) -> Int? {
        guard let base = baseAddress, let found = memchr(base, Int32(byte), count) else {
            return nil
        }
        return UnsafeRawPointer(found) - base
    }

    /// The place of the first byte from `start` on that ends a run of printable ASCII characters in a JSON string: a
    /// control character, a quote, a backslash, or a part of another character. It is `count` where none does.
    ///
    /// Sixteen bytes at a time: in each half of the mask, which has a byte for each byte of the text, the lowest bit
    /// that is set says where the run ends.
    func endOfPlainASCII(from start: Int) -> Int {
        typealias Bytes = SIMD16<Int8>
        let (space, quote, backslash) = (
            Bytes(repeating: 0x20), Bytes(repeating: 0x22), Bytes(repeating: 0x5C)
        )
        var place = start
        while place + Bytes.scalarCount <= count {
            let bytes = loadUnaligned(fromByteOffset: place, as: Bytes.self)
            // As signed numbers, the parts of other characters are below 0x20 too.
            let ends = (bytes .< space) .| (bytes .== quote) .| (bytes .== backslash)
            let halves = unsafeBitCast(ends, to: SIMD2<UInt64>.self)
            if halves[0] != 0 { return place + halves[0].littleEndian.trailingZeroBitCount / 8 }
            if halves[1] != 0 { return place + 8 + halves[1].littleEndian.trailingZeroBitCount / 8 }
            place += Bytes.scalarCount
        }
        while place < count, 0x20..<0x80 ~= self[place], self[place] != 0x22, self[place] != 0x5C {
            place += 1
        }
        return place
    }
}
