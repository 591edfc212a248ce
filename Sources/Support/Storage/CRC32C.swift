/// Computes CRC-32C, the cyclic redundancy check of Castagnoli's polynomial, as iSCSI and TFRecord files use it.
///
/// Worked example: `CRC32C.hash(Array("123456789".utf8))` is 0xE3069283.
public enum CRC32C {
    /// The polynomial with its bits in reverse order, without x³².
    private static let polynomial: UInt32 = 0x82F6_3B78

    /// What eight steps of the register make of each byte.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { register, _ in
            register >> 1 ^ (register & 1 == 1 ? polynomial : 0)
        }
    }

    /// The check of `bytes`.
    public static func hash(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { register, byte in
            table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] ^ register >> 8
        }
    }

    /// The check of `bytes` as a TFRecord file holds it: rotated and moved by a constant, so that the check of a
    /// text that holds checks is not a fixed value.
    public static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let check = hash(bytes)
        return (check >> 15 | check << 17) &+ 0xA282_EAD8
    }
}
