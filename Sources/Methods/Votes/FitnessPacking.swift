/// Packs fitness values into bytes, with the narrowest fixed width of each form.
///
/// | form | bytes |
/// |---|---|
/// | sign | five values a byte: v0 + 3·v1 + 9·v2 + 27·v3 + 81·v4, with 0, 1, -1 coded as 0, 1, 2 |
/// | magnitude4 | two values a byte, the first in the low four bits, two's complement |
/// | magnitude8 | a value a byte, two's complement |
///
/// Signs are packed as in arXiv 2511.16652, appendix J. Places after the last value hold 0. Worked example: the signs
/// 1, -1 are the byte 1 + 3·2 = 7.
public struct FitnessPacking {
    private let form: FitnessForm

    private static let signsPerByte = 5
    /// The values of a byte of signs: 3^5.
    private static let signCodes: UInt8 = 243

    /// Makes the packing of a form.
    public init(_ form: FitnessForm) { self.form = form }

    private var valuesPerByte: Int {
        switch form {
        case .sign: Self.signsPerByte
        case .magnitude4: 2
        case .magnitude8: 1
        }
    }

    /// The bytes that the fitness of so many directions takes.
    public func byteCount(directions: Int) -> Int {
        (directions + valuesPerByte - 1) / valuesPerByte
    }

    /// Packs values into bytes.
    /// - Precondition: The values lie within the range of the form, as those of a `Fitness` do.
    public func pack(_ values: [Int8]) -> [UInt8] {
        stride(from: 0, to: values.count, by: valuesPerByte).map { start in
            let group = values[start..<min(start + valuesPerByte, values.count)]
            return group.reversed().reduce(UInt8(0)) { byte, value in
                switch form {
                case .sign: byte * 3 + (value < 0 ? 2 : UInt8(value))
                case .magnitude4: byte << 4 | UInt8(bitPattern: value) & 15
                case .magnitude8: UInt8(bitPattern: value)
                }
            }
        }
    }

    /// Unpacks values; nil where a byte stands for no values of the form or a place after the last is not 0.
    /// - Precondition: There are `byteCount(directions:)` bytes.
    public func unpack(_ bytes: some Collection<UInt8>, directions: Int) -> [Int8]? {
        var values: [Int8] = []
        values.reserveCapacity(directions + valuesPerByte)
        for byte in bytes {
            guard append(byte, to: &values) else { return nil }
        }
        guard values.dropFirst(directions).allSatisfy({ $0 == 0 }) else { return nil }
        values.removeLast(values.count - directions)
        return values
    }

    private func append(_ byte: UInt8, to values: inout [Int8]) -> Bool {
        switch form {
        case .sign:
            guard byte < Self.signCodes else { return false }
            var rest = byte
            for _ in 0..<Self.signsPerByte {
                let code = rest % 3
                values.append(code == 2 ? -1 : Int8(code))
                rest /= 3
            }
        case .magnitude4:
            for nibble in [byte & 15, byte >> 4] {
                guard nibble != 8 else { return false }  // -8, beyond -7...7
                values.append(Int8(bitPattern: nibble << 4) >> 4)
            }
        case .magnitude8:
            guard byte != 0x80 else { return false }  // -128, beyond -127...127
            values.append(Int8(bitPattern: byte))
        }
        return true
    }
}
