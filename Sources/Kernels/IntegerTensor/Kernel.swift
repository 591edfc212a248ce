import CKernels
import Diagnostics

/// A kernel that was asked for and cannot be used.
public struct KernelError: UserError {
    /// The name of the kernel.
    public let location: String
    /// What was found there.
    public let finding: String
    /// What to do about it.
    public let remedy: String
}

/// The functions of one instruction set. All kernels give the same bytes.
///
/// The choice is made once at start; nothing above this type knows which one runs.
public struct Kernel: Sendable {
    /// The functions of the kernel.
    nonisolated(unsafe) public let table: UnsafePointer<egg_kernel>

    /// Makes a kernel of a table, which must outlive it.
    public init(table: UnsafePointer<egg_kernel>) { self.table = table }

    /// The kernel's name, such as `avx2`.
    public var name: String { String(cString: table.pointee.name) }

    /// A kernel compiled into this build.
    public struct Candidate: Sendable {
        /// The kernel.
        public let kernel: Kernel
        /// Why the machine cannot run it; nil when it can.
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
    /// The outputs of the matrix.
    public let outputs: Int
    /// The inputs of the matrix.
    public let inputs: Int
    private let kernel: Kernel
    private let storage: AlignedBuffer<UInt8>

    /// Makes a matrix whose weights are still to be packed.
    public init(outputs: Int, inputs: Int, kernel: Kernel) {
        self.outputs = outputs
        self.inputs = inputs
        self.kernel = kernel
        let bytes = kernel.table.pointee.packed_bytes(Int32(outputs), Int32(inputs))
        storage = AlignedBuffer(uninitialized: bytes)
    }

    /// Packs a matrix `[outputs][inputs]`, row-major without padding.
    /// - Precondition: `weights.count == outputs · inputs`.
    public func pack(_ weights: [Int8]) {
        weights.withUnsafeBufferPointer { source in
            kernel.table.pointee.pack(
                source.baseAddress, Int32(outputs), Int32(inputs), storage.pointer)
        }
    }

    /// The packed weights.
    public var pointer: UnsafeRawPointer { UnsafeRawPointer(storage.pointer) }
}
