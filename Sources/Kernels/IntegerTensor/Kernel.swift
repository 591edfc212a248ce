import CKernels
import Diagnostics

/// A kernel that was asked for and cannot be used.
public struct KernelError: UserError {
    public let location: String
    public let finding: String
    public let remedy: String
}

/// The functions of one instruction set. All kernels give the same bytes.
///
/// The choice is made once at start; nothing above this type knows which one runs.
public struct Kernel: Sendable {
    nonisolated(unsafe) public let table: UnsafePointer<egg_kernel>

    /// A kernel of that table, which must outlive it.
    public init(table: UnsafePointer<egg_kernel>) { self.table = table }

    public var name: String { String(cString: table.pointee.name) }

    /// A kernel compiled into this build, and why the machine cannot run it (nil when it can).
    public struct Candidate: Sendable {
        public let kernel: Kernel
        public let refusal: String?
    }

    /// Every kernel of this build, fastest first; the last, `portable`, runs everywhere.
    public static let candidates: [Candidate] = (0..<egg_kernel_count).map { index in
        let refusal = egg_kernel_refusal(index).map { String(cString: $0) }
        return Candidate(kernel: Kernel(table: egg_kernel_at(index)), refusal: refusal)
    }

    /// The kernels that this machine can run, fastest first.
    public static var available: [Kernel] {
        candidates.filter { $0.refusal == nil }.map(\.kernel)
    }

    /// The fastest kernel that this machine can run; the portable one runs everywhere.
    public static var best: Kernel {
        available.first ?? Kernel(table: egg_kernel_at(egg_kernel_count - 1))
    }

    /// The kernel of that name; `auto` is the fastest that the machine can run.
    /// - Throws: ``KernelError`` for an unknown name or one that the machine cannot run.
    public static func named(_ name: String) throws(KernelError) -> Kernel {
        if name == "auto" { return best }
        let known = (["auto"] + candidates.map(\.kernel.name)).joined(separator: ", ")
        guard let candidate = candidates.first(where: { $0.kernel.name == name }) else {
            throw KernelError(
                location: "kernel '\(name)'", finding: "unknown", remedy: "choose one of \(known)")
        }
        if let refusal = candidate.refusal {
            throw KernelError(
                location: "kernel '\(name)'", finding: refusal,
                remedy: "use 'auto' or 'portable'")
        }
        return candidate.kernel
    }
}

/// A weight matrix in the layout of one kernel, packed once a step. [outputs][inputs]
public final class PackedMatrix: @unchecked Sendable {
    public let outputs: Int
    public let inputs: Int
    private let kernel: Kernel
    private let storage: AlignedBuffer<UInt8>

    public init(outputs: Int, inputs: Int, kernel: Kernel) {
        self.outputs = outputs
        self.inputs = inputs
        self.kernel = kernel
        let bytes = kernel.table.pointee.packed_bytes(Int32(outputs), Int32(inputs))
        storage = AlignedBuffer(uninitialized: bytes)
    }

    /// Packs a canonical matrix, row-major without padding.
    public func pack(_ weights: [Int8]) {
        weights.withUnsafeBufferPointer { source in
            kernel.table.pointee.pack(
                source.baseAddress, Int32(outputs), Int32(inputs), storage.pointer)
        }
    }

    public var pointer: UnsafeRawPointer { UnsafeRawPointer(storage.pointer) }
}
