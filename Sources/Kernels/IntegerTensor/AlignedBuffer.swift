import CKernels

/// Memory of fixed size for kernels: 64-byte aligned, zero at first.
///
/// The owner keeps threads apart: the buffer itself has no lock.
public final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    /// The number of elements.
    public let count: Int
    /// The first element, at a multiple of 64 bytes.
    public let pointer: UnsafeMutablePointer<Element>

    /// Makes a buffer of zeros.
    /// - Precondition: `count >= 0`; the caller has bounded it.
    public convenience init(count: Int) {
        self.init(uninitialized: count)
        zero()
    }

    /// Makes a buffer that the owner writes before it reads: pages that nobody touches take no room.
    /// - Precondition: `count >= 0`; the caller has bounded it.
    public init(uninitialized count: Int) {
        self.count = count
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: max(count * MemoryLayout<Element>.stride, 1),
            alignment: Int(EGG_ALIGNMENT))
        pointer = raw.bindMemory(to: Element.self, capacity: count)
    }

    /// Makes a buffer with a copy of some elements.
    public convenience init(_ elements: [Element]) {
        self.init(count: elements.count)
        elements.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            pointer.update(from: base, count: source.count)
        }
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }

    /// All elements.
    public var span: UnsafeMutableBufferPointer<Element> {
        UnsafeMutableBufferPointer(start: pointer, count: count)
    }

    /// Sets every byte to zero.
    public func zero() {
        UnsafeMutableRawPointer(pointer).initializeMemory(
            as: UInt8.self, repeating: 0, count: count * MemoryLayout<Element>.stride)
    }
}

/// Rows of Int16, each padded to a multiple of 64 elements. [rows][stride]
public final class Int16Rows: @unchecked Sendable {
    /// The elements from the start of a row to that of the next: the width, padded.
    public let stride: Int
    private let storage: AlignedBuffer<Int16>

    /// Makes rows of zeros.
    public init(rows: Int, width: Int) {
        stride = paddedWidth(width)
        storage = AlignedBuffer(count: rows * stride)
    }

    /// The first element of a row.
    public func row(_ index: Int) -> UnsafeMutablePointer<Int16> {
        storage.pointer + index * stride
    }

    /// The rows from `first` on, as a kernel reads them.
    public func input(from first: Int = 0) -> egg_const_rows16 {
        egg_const_rows16(data: row(first), stride: stride)
    }

    /// The rows from `first` on, as a kernel writes them.
    public func output(from first: Int = 0) -> egg_out_rows16 {
        egg_out_rows16(data: row(first), stride: stride)
    }
}

/// Copies the first `width` values of each of some rows.
public func copyRows(
    _ rows: Int, _ width: Int, from source: egg_const_rows, to target: egg_out_rows
) {
    for row in 0..<rows {
        (target.data + row * target.stride).update(
            from: source.data + row * source.stride, count: width)
    }
}

/// The width of a row in memory: `width` rounded up to the kernels' alignment.
public func paddedWidth(_ width: Int) -> Int {
    let alignment = Int(EGG_ALIGNMENT)
    return (width + alignment - 1) / alignment * alignment
}

/// Rows of Int8, each padded with zeros to a multiple of 64 bytes. [rows][stride]
public final class Int8Rows: @unchecked Sendable {
    /// The number of rows.
    public let rows: Int
    /// The elements of a row, without its padding.
    public let width: Int
    /// The bytes from the start of a row to that of the next: the width, padded.
    public let stride: Int
    private let storage: AlignedBuffer<Int8>

    /// Makes rows of zeros.
    public init(rows: Int, width: Int) {
        self.rows = rows
        self.width = width
        stride = paddedWidth(width)
        storage = AlignedBuffer(count: rows * stride)
    }

    /// Makes rows with a copy of a matrix `[rows][width]`, row-major without padding.
    public convenience init(rows: Int, width: Int, values: [Int8]) {
        self.init(rows: rows, width: width)
        for row in 0..<rows { setRow(row, to: values[row * width..<(row + 1) * width]) }
    }

    /// The first element of a row.
    public func row(_ index: Int) -> UnsafeMutablePointer<Int8> {
        storage.pointer + index * stride
    }

    /// Copies values to a row.
    /// - Precondition: `values.count == width`.
    public func setRow(_ index: Int, to values: ArraySlice<Int8>) {
        values.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            row(index).update(from: base, count: source.count)
        }
    }

    /// A row without its padding.
    public func values(row index: Int) -> [Int8] {
        Array(UnsafeBufferPointer(start: row(index), count: width))
    }

    /// The rows from `first` on, as a kernel reads them.
    public func input(from first: Int = 0) -> egg_const_rows {
        egg_const_rows(data: row(first), stride: stride)
    }

    /// The rows from `first` on, as a kernel writes them.
    public func output(from first: Int = 0) -> egg_out_rows {
        egg_out_rows(data: row(first), stride: stride)
    }

    /// A row as a kernel reads it in the place of every row.
    public func repeated(row index: Int = 0) -> egg_const_rows {
        egg_const_rows(data: row(index), stride: 0)
    }

    /// Sets every byte to zero, the padding too.
    public func zero() { storage.zero() }
}
