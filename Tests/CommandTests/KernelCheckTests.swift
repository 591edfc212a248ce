import CKernels
import IntegerTensor
import Testing

@testable import Commands

/// The check that `kernel-bench` makes before it gives figures.
@Suite struct KernelCheckTests {
    private let pool = WorkerPool(threads: 2)

    @Test(arguments: Kernel.available)
    func passes(_ kernel: Kernel) throws {
        try KernelCheck(kernel: kernel, pool: pool).run()
    }

    /// A table with one function that is a little wrong.
    private func broken(_ change: (inout egg_kernel) -> Void) throws -> AlignedBuffer<egg_kernel> {
        let buffer = AlignedBuffer<egg_kernel>(count: 1)
        buffer.pointer.pointee = try Kernel.named("portable").table.pointee
        change(&buffer.pointer.pointee)
        return buffer
    }

    private func expectMismatch(_ what: String, _ change: (inout egg_kernel) -> Void) throws {
        let table = try broken(change)
        let check = KernelCheck(kernel: Kernel(table: table.pointer), pool: pool)
        let error = #expect(throws: KernelMismatch.self) { try check.run() }
        #expect(error?.location == "kernel 'portable'")
        #expect(error?.finding.contains(what) == true, "\(error?.finding ?? "")")
        withExtendedLifetime(table) {}
    }

    @Test func findsAResidualSumThatIsLeftOut() throws {
        try expectMismatch("the score of member") { $0.add = { _, _, _, _ in } }
    }

    @Test func findsALossOffByOne() throws {
        try expectMismatch("the score of member 0") { table in
            table.log_likelihood = { rows, _, _, _, _, _, scores in
                for row in 0..<Int(rows) { scores?[row] -= 1 }
            }
        }
    }

    @Test func findsANoiseThatIsNotAdded() throws {
        try expectMismatch("noise on activations") { $0.spread = { _, _, _, _ in } }
    }

    @Test func findsAnErrorOfTheHeadThatIsNotTaken() throws {
        try expectMismatch("noise on activations") { table in
            table.softmax_error = { _, _, _, _, _, _ in }
        }
    }

    @Test func findsVotesThatAreNotCounted() throws {
        try expectMismatch("the votes of") { table in
            table.vector_votes = { _, _, _, _, _, _, _ in }
        }
    }

    @Test func findsRowsOfContextsThatAreNotAdded() throws {
        try expectMismatch("the score of member") { $0.add_contexts = { _, _, _, _ in } }
        try expectMismatch("noise on activations") { $0.add_direct = { _, _, _, _, _ in } }
    }

    @Test func findsNoiseOfRowsThatIsNotDrawn() throws {
        try expectMismatch("contexts") { $0.sum_row_noise = { _, _, _, _, _, _ in } }
        try expectMismatch("the credits of the contexts' rows") { table in
            table.row_noise = { _, _, _, _, _ in }
        }
    }

    @Test func findsRowsThatDoNotMove() throws {
        try expectMismatch("a move of the contexts' rows") { $0.move_rows = { _, _, _, _, _ in } }
    }
}
