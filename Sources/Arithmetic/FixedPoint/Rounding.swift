/// The largest magnitude of an Int8 weight or activation; -128 is never a valid value.
public let clipLimit: Int32 = 127

/// Saturates to the range of weights and activations, -127...127.
@inlinable @inline(__always)
public func clip(_ value: Int32) -> Int8 {
    Int8(truncatingIfNeeded: min(clipLimit, max(-clipLimit, value)))
}

/// `value / divisor` rounded toward minus infinity.
///
/// Worked example: `floorDivide(-7, by: 2)` is -4.
/// - Precondition: `divisor > 0`.
@inlinable @inline(__always)
public func floorDivide<Value: FixedWidthInteger & SignedInteger>(
    _ value: Value, by divisor: Value
) -> Value {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
}

/// `value / 2^shift` rounded toward minus infinity: an arithmetic shift under its name.
@inlinable @inline(__always)
public func floorShift<Value: FixedWidthInteger & SignedInteger>(
    _ value: Value, by shift: Int
) -> Value {
    value >> Value(shift)
}

/// ⌊√value⌋.
///
/// Worked example: `integerSquareRoot(255)` is 15.
public func integerSquareRoot<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) -> Value {
    guard value > 0 else { return 0 }
    let bits = Value.bitWidth - value.leadingZeroBitCount
    var root = Value(1) << Value((bits + 1) / 2)
    if root == 0 { root = Value.max >> Value(Value.bitWidth / 2) }
    while true {
        let next = (root + value / root) >> 1
        if next >= root { return root }
        root = next
    }
}
