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
    /// Eight bytes at a time: the highest bit of each says whether it ends the run. Borrows spoil only the bits above
    /// the first that is set.
    func endOfPlainASCII(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var place = start
        while place + 8 <= count {
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            let control = (word &- ones &* 0x20) & ~word
            let equal = (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
            let ends = (word | control | equal) & highs
            if ends != 0 { return place + ends.trailingZeroBitCount / 8 }
            place += 8
        }
        while place < count, 0x20..<0x80 ~= self[place], self[place] != 0x22, self[place] != 0x5C {
            place += 1
        }
        return place
    }
}
