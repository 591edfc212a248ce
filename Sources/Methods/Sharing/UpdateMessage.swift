import IntegerTensor
import Processes
import RecurrentLM

/// The weights of some tensors that one process changed in an update, as a message to the others.
///
/// A message is each change as its place among the process's weights (UInt32) and, after all places, its new value
/// (Int8); or all of the process's weights where that is shorter. Which of both it is follows from the number of
/// changes, which all processes know.
final class UpdateMessage {
    /// Tensors with fewer than 2^32 weights in all.
    private let tensors: ArraySlice<ParameterSpec>
    private let division: UpdateDivision
    /// The weights of this process.
    private let own: WeightSlice
    /// This process's weights before the update.
    private let before: AlignedBuffer<Int8>
    /// The places and values of the changes, as many as are sent one by one.
    private let places: AlignedBuffer<UInt32>
    private let values: AlignedBuffer<Int8>

    private static let placeBytes = MemoryLayout<UInt32>.size
    private static let changeBytes = placeBytes + 1

    init(_ tensors: ArraySlice<ParameterSpec>, _ division: UpdateDivision) {
        self.tensors = tensors
        self.division = division
        own = division.own
        let count = own.count(of: tensors)
        before = AlignedBuffer(count: count)
        places = AlignedBuffer(count: count / Self.changeBytes + 1)
        values = AlignedBuffer(count: count / Self.changeBytes + 1)
    }

    /// Bytes of the message of a process that changed so many weights.
    func messageBytes(changes: Int, rank: Int) -> Int {
        min(changes * Self.changeBytes, division.slice(rank: rank).count(of: tensors))
    }

    // MARK: This process

    /// Keeps a copy of this process's weights from before an update.
    func remember(_ parameters: Parameters) {
        copyOwn(parameters, to: UnsafeMutableRawPointer(before.pointer))
    }

    /// Finds how many of this process's weights differ from those remembered.
    func find(in parameters: Parameters) -> Int {
        var changes = 0
        var first = 0
        for tensor in tensors {
            let own = own.weights(of: tensor)
            parameters.values[tensor.id].withUnsafeBufferPointer { weights in
                for index in 0..<own.count {
                    let weight = weights[own.lowerBound &+ index]
                    guard weight != before.pointer[first &+ index] else { continue }
                    if changes < places.count {
                        places.pointer[changes] = UInt32(truncatingIfNeeded: first &+ index)
                        values.pointer[changes] = weight
                    }
                    changes &+= 1
                }
            }
            first += own.count
        }
        return changes
    }

    /// The message of this process about the `changes` weights that ``find(in:)`` counted.
    func message(_ changes: Int, _ parameters: Parameters) -> [UInt8] {
        let size = messageBytes(changes: changes, rank: division.processes.rank)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            filled = size
            guard let bytes = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
            if size == before.count {
                copyOwn(parameters, to: bytes)
            } else {
                bytes.copyMemory(from: places.pointer, byteCount: changes * Self.placeBytes)
                (bytes + changes * Self.placeBytes)
                    .copyMemory(from: values.pointer, byteCount: changes)
            }
        }
    }

    /// Copies this process's weights one tensor after another.
    private func copyOwn(_ parameters: Parameters, to bytes: UnsafeMutableRawPointer) {
        var first = 0
        for tensor in tensors {
            let own = own.weights(of: tensor)
            parameters.values[tensor.id].withUnsafeBytes { weights in
                UnsafeMutableRawBufferPointer(start: bytes + first, count: own.count)
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: weights[own]))
            }
            first += own.count
        }
    }

    // MARK: Other processes

    /// Writes the weights that another process sent to their places.
    func take(_ message: ArraySlice<UInt8>, from rank: Int, into parameters: inout Parameters) {
        let slice = division.slice(rank: rank)
        let isWhole = message.count == slice.count(of: tensors)
        let changes = isWhole ? message.count : message.count / Self.changeBytes
        message.withUnsafeBytes { bytes in
            let values = UnsafeRawBufferPointer(rebasing: bytes.suffix(changes))
            var next = 0
            var first = 0
            for tensor in tensors {
                let range = slice.weights(of: tensor)
                parameters.values[tensor.id].withUnsafeMutableBytes { weights in
                    let weights = UnsafeMutableRawBufferPointer(rebasing: weights[range])
                    if isWhole {
                        weights.copyMemory(
                            from: UnsafeRawBufferPointer(
                                rebasing: values[first..<first + range.count]))
                        return
                    }
                    while next < changes {
                        let place = bytes.loadUnaligned(
                            fromByteOffset: next &* Self.placeBytes, as: UInt32.self)
                        guard Int(place) < first &+ range.count else { break }
                        weights[Int(place) &- first] = values[next]
                        next &+= 1
                    }
                }
                first += range.count
            }
        }
    }
}
