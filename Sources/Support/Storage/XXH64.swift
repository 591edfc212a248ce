/// Computes XXH64, the 64-bit xxHash, over bytes given in parts.
///
/// Worked example: `XXH64.hash([])` is 0xEF46DB3751D8E999.
public struct XXH64: Sendable {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
    private static let stripe = 32

    private let seed: UInt64
    private var lanes: (UInt64, UInt64, UInt64, UInt64)
    private var pending: [UInt8] = []
    private var total: UInt64 = 0

    /// Begins a hash of no bytes.
    public init(seed: UInt64 = 0) {
        self.seed = seed
        lanes = (
            seed &+ Self.prime1 &+ Self.prime2, seed &+ Self.prime2, seed, seed &- Self.prime1
        )
        pending.reserveCapacity(Self.stripe)
    }

    /// The hash of `bytes` alone.
    public static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// The hash of `bytes` alone.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = XXH64()
        state.update(bytes)
        return state.digest()
    }

    /// The hash of a file's content, read once from its start to its end.
    /// - Throws: ``FileError`` when it cannot be read.
    public static func hash(ofFile path: String) throws(FileError) -> UInt64 {
        let file = try InputFile(path)
        var state = XXH64()
        var chunk = [UInt8](repeating: 0, count: 1 << 17)
        while true {
            let count = try file.readNext(into: &chunk)
            if count == 0 { return state.digest() }
            chunk.withUnsafeBytes { state.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    /// Adds bytes to the hash.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Adds bytes to the hash.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        total &+= UInt64(bytes.count)
        var rest = bytes[...]
        if !pending.isEmpty {
            let taken = rest.prefix(Self.stripe - pending.count)
            pending.append(contentsOf: taken)
            rest = rest.dropFirst(taken.count)
            guard pending.count == Self.stripe else { return }
            let full = pending
            full.withUnsafeBytes { consume($0) }
            pending.removeAll(keepingCapacity: true)
        }
        let whole = rest.count / Self.stripe * Self.stripe
        consume(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)))
        pending.append(contentsOf: rest.dropFirst(whole))
    }

    /// Mixes whole stripes of 32 bytes into the four lanes.
    private mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        var (a, b, c, d) = lanes
        var offset = 0
        while offset < bytes.count {
            a = Self.round(a, Self.load64(base + offset))
            b = Self.round(b, Self.load64(base + offset + 8))
            c = Self.round(c, Self.load64(base + offset + 16))
            d = Self.round(d, Self.load64(base + offset + 24))
            offset &+= Self.stripe
        }
        lanes = (a, b, c, d)
    }

    /// The hash of all that was given so far.
    public func digest() -> UInt64 {
        var hash: UInt64
        if total >= UInt64(Self.stripe) {
            let (a, b, c, d) = lanes
            hash =
                Self.rotate(a, 1) &+ Self.rotate(b, 7) &+ Self.rotate(c, 12) &+ Self.rotate(d, 18)
            for lane in [a, b, c, d] {
                hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
            }
        } else {
            hash = seed &+ Self.prime5
        }
        hash &+= total
        hash = pending.withUnsafeBytes { Self.mixTail(hash, $0) }
        hash = (hash ^ (hash >> 33)) &* Self.prime2
        hash = (hash ^ (hash >> 29)) &* Self.prime3
        return hash ^ (hash >> 32)
    }

    /// ``digest()`` as 16 hexadecimal digits.
    public var hexDigest: String { Self.hex(digest()) }

    /// A hash as 16 hexadecimal digits.
    public static func hex(_ hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func mixTail(_ start: UInt64, _ tail: UnsafeRawBufferPointer) -> UInt64 {
        var hash = start
        var offset = 0
        while offset + 8 <= tail.count {
            let word = tail.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            hash = rotate(hash ^ round(0, word), 27) &* prime1 &+ prime4
            offset += 8
        }
        if offset + 4 <= tail.count {
            let word = tail.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
            hash = rotate(hash ^ (UInt64(word) &* prime1), 23) &* prime2 &+ prime3
            offset += 4
        }
        for byte in tail[offset...] {
            hash = rotate(hash ^ (UInt64(byte) &* prime5), 11) &* prime1
        }
        return hash
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotate(lane &+ input &* prime2, 31) &* prime1
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
        (value &<< count) | (value &>> (64 &- count))
    }

    @inline(__always)
    private static func load64(_ pointer: UnsafeRawPointer) -> UInt64 {
        pointer.loadUnaligned(as: UInt64.self).littleEndian
    }
}
