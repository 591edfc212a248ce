import Testing

@testable import Storage

@Suite("Runs of printable ASCII characters")
struct ByteSearchTests {
    /// Each byte at each place of a window that is longer than what is looked at in one go, from each start.
    @Test("end at a control character, a quote, a backslash, and a part of another character")
    func ends() {
        for length in [0, 1, 15, 16, 17, 40] {
            for place in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                    bytes[place] = byte
                    let isEnd = byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C
                    let ends = bytes.withUnsafeBytes { window in
                        [0, place, max(0, place - 9)].map { window.endOfPlainASCII(from: $0) }
                    }
                    #expect(ends.allSatisfy { $0 == (isEnd ? place : length) })
                }
            }
        }
    }

    @Test("end at the first of several")
    func first() {
        let bytes = Array("0123456789\\bcdef\"\"".utf8)
        bytes.withUnsafeBytes { window in
            #expect(window.endOfPlainASCII(from: 0) == 10)
            #expect(window.endOfPlainASCII(from: 11) == 16)
            #expect(window.endOfPlainASCII(from: 18) == 18)
        }
    }
}
