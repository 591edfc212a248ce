import CKernels
import FixedPoint
import IntegerTensor
import RecurrentLM
import SeededNoise
import Testing

@testable import EvolutionStrategy

/// Each function of each kernel against its definition, on odd sizes and extreme values.
@Suite struct KernelTests {
    @Test(arguments: Kernel.available)
    func noiseEqualsItsDefinition(kernel: Kernel) {
        for (count, stream, epoch) in [
            (1, 0, 0), (63, 1, 7), (64, 2, 1), (65, 9, 3), (1000, 40, 5),
        ] {
            let key = NoiseKey(
                seed: 0x0123_4567_89AB_CDEF, domain: .perturbation, stream: UInt32(stream),
                index: UInt32(count), epoch: UInt32(epoch))
            let expected = key.normals(count: count)
            let output = AlignedBuffer<Int8>(count: count + 64)
            kernel.fillNoise(key, first: 0, count: count, into: output.pointer)
            #expect(Array(output.span[..<count]) == expected)
            #expect(output.span[count...].allSatisfy { $0 == 0 }, "wrote past the end")
        }
        let key = NoiseKey(seed: 5, domain: .initialWeights)
        let tail = AlignedBuffer<Int8>(count: 100)
        kernel.fillNoise(key, first: 128, count: 100, into: tail.pointer)
        #expect(Array(tail.span) == Array(key.normals(count: 228)[128...]))
    }

    /// Moments of round(16·N(0,1)): mean 0, variance 256 + 1/12, fourth moment 3·256² nearly.
    @Test func noiseIsNormal() {
        let count = 1 << 18
        let values = NoiseKey(seed: 1, domain: .perturbation).normals(count: count).map(Int.init)
        let sum = values.reduce(0, +)
        let squares = values.reduce(0) { $0 + $1 * $1 }
        let fourth = values.reduce(0) { $0 + $1 * $1 * $1 * $1 }
        #expect(abs(sum) < 4 * 16 * 512)  // 4 standard errors of a sum of 2^18
        #expect(abs(squares - 256 * count) < count)
        #expect(abs(fourth - 3 * 65536 * count) < 3 * 65536 * count / 50)
        #expect(values.map(abs).max() ?? 0 <= NormalMagnitudes.largest)
    }

    @Test(arguments: Kernel.available)
    func votesEqualTheirSum(kernel: Kernel) {
        for (pairs, rows, columns, shift) in [
            (1, 1, 1, 0), (2, 6, 16, 2), (7, 5, 17, 6), (128, 64, 64, 0), (127, 13, 100, 2),
        ] {
            let a = random(rows: pairs, width: rows, seed: 1)
            let b = random(rows: pairs, width: columns, seed: 2)
            let limit = shift == 0 ? 1 : shift == 2 ? 7 : 127
            let fitness = (0..<pairs).map { Int8(($0 * 37) % (2 * limit + 1) - limit) }
            let votes = AlignedBuffer<Int32>(count: rows * columns)
            votes.span.update(repeating: 5)
            let scratch = AlignedBuffer<UInt8>(
                count: kernel.table.pointee.vote_scratch(Int32(columns)))
            kernel.table.pointee.votes(
                Int32(pairs), Int32(rows), Int32(columns), a.input(), b.input(), fitness,
                Int32(shift), votes.pointer, columns, scratch.pointer)
            var expected = [Int32](repeating: 5, count: rows * columns)
            for pair in 0..<pairs {
                for i in 0..<rows {
                    let scaled = Self.scaled(a.row(pair)[i], fitness[pair], shift)
                    for j in 0..<columns {
                        expected[i * columns + j] += scaled * Int32(b.row(pair)[j])
                    }
                }
            }
            #expect(Array(votes.span) == expected, "\(pairs) \(rows) \(columns) \(shift)")
        }
    }

    static func scaled(_ a: Int8, _ fitness: Int8, _ shift: Int) -> Int32 {
        let half = shift > 0 ? Int32(1) << Int32(shift - 1) : 0
        return Int32(clip(floorShift(Int32(a) * Int32(fitness) + half, by: shift)))
    }

    /// Values of the whole range with many at its ends.
    func random(rows: Int, width: Int, seed: UInt64) -> Int8Rows {
        let result = Int8Rows(rows: rows, width: width)
        for row in 0..<rows {
            let key = NoiseKey(seed: seed, domain: .story, index: UInt32(row))
            for i in 0..<width {
                let word = key.words(block: UInt32(i))
                result.row(row)[i] =
                    word[1] % 4 == 0
                    ? (word[0] % 2 == 0 ? 127 : -127) : Int8(Int32(word[0] % 255) - 127)
            }
        }
        return result
    }

    /// Every quotient of the 16-bit floor division that normalisation and epilogue use.
    @Test(arguments: Kernel.available)
    func normalizationIsExact(kernel: Kernel) {
        for width in [1, 3, 64, 100] {
            let x = random(rows: 97, width: width, seed: UInt64(width))
            let gain = random(rows: 97, width: width, seed: 1000)
            let output = Int8Rows(rows: 97, width: width)
            kernel.table.pointee.normalize(
                97, Int32(width), x.input(), gain.input(), output.output())
            for row in 0..<97 {
                let values = x.values(row: row).map(Int32.init)
                let mean = max(1, values.reduce(0) { $0 + abs($1) } / Int32(width))
                let expected = zip(values, gain.values(row: row)).map { value, g in
                    clip(floorDivide(value * Int32(g), by: mean))
                }
                #expect(output.values(row: row) == expected)
            }
        }
    }

    /// All divisors of the epilogue with sums around every boundary, through 1-input products.
    @Test(arguments: Kernel.available)
    func productsOfAllWidths(kernel: Kernel) {
        for inputs in [1, 2, 3, 15, 16, 17, 64, 99, 256, 1000, 1041, 2000, 4096, 16383] {
            let outputs = 19
            let rows = 9
            let weights = random(rows: outputs, width: inputs, seed: UInt64(inputs))
            let x = random(rows: rows, width: inputs, seed: 77)
            let matrix = PackedMatrix(outputs: outputs, inputs: inputs, kernel: kernel)
            matrix.pack((0..<outputs).flatMap { weights.values(row: $0) })
            let output = Int8Rows(rows: rows, width: outputs)
            let root = Int32(integerSquareRoot(UInt32(inputs)))
            var product = egg_product(
                inputs: Int32(inputs), outputs: Int32(outputs), root: root,
                weights: matrix.pointer, x: x.row(0), x_stride: x.stride, out: output.row(0),
                out_stride: output.stride, noise: egg_perturbation())
            let scratch = AlignedBuffer<UInt8>(
                count: kernel.table.pointee.product_scratch(Int32(rows), Int32(inputs)))
            kernel.table.pointee.product(
                &product, egg_rows(count: Int32(rows), pair: nil, sign: nil), scratch.pointer)
            for row in 0..<rows {
                let expected = (0..<outputs).map { o in
                    let sum = zip(x.values(row: row), weights.values(row: o)).reduce(Int32(0)) {
                        $0 + Int32($1.0) * Int32($1.1)
                    }
                    return clip(floorDivide(sum, by: 16 * root))
                }
                #expect(output.values(row: row) == expected, "\(inputs) inputs, row \(row)")
            }
        }
    }
}
