import FixedPoint
import Storage
import TestSupport
import Testing

/// Every table equals the one made from arbitrary-precision reals (Scripts/make-table-fixtures.py).
@Suite struct TableTests {
    let fixture: JSONValue

    init() throws {
        let path = PackageFiles.fixture("tables.json")
        fixture = try JSONValue(try Files.read(path, atMost: 1 << 20))
    }

    func integers(_ key: String) throws -> [Int] {
        try #require(fixture[key]?.array).map { try #require($0.integer) }
    }

    func pairs(_ key: String) throws -> [(Int, Int)] {
        try #require(fixture[key]?.array).map { pair in
            let values = try #require(pair.array)
            return (try #require(values[0].integer), try #require(values[1].integer))
        }
    }

    @Test func exponentials() throws {
        #expect(LikelihoodTables.exp2.map(Int.init) == (try integers("exp2")))
        #expect(LikelihoodTables.mantissas.map(Int.init) == (try integers("mantissas")))
        #expect(LikelihoodTables.fineMantissas.map(Int.init) == (try integers("fineMantissas")))
    }

    @Test func logarithms() throws {
        for (value, expected) in try pairs("log2") {
            #expect(LikelihoodTables.log2(UInt32(value)) == Int32(expected), "log2(\(value))")
        }
    }

    @Test func fineLogarithms() throws {
        #expect(LikelihoodTables.fineLog2.map(Int.init) == (try integers("fineLog2")))
    }

    @Test func normalTail() throws {
        for (step, expected) in try integers("tail").enumerated() {
            let difference = Int(NormalTail.tail[step] >> 4) - expected
            #expect(abs(difference) <= 1 << 4, "tail at \(step)/32")
        }
    }

    @Test func quantiles() throws {
        for (step, expected) in try pairs("quantile") {
            let quantile = NormalTail.twoSidedQuantile(
                alphaNumerator: 1000, denominator: UInt64(15 * step + 1000))
            #expect(quantile == expected, "step \(step)")
        }
    }

    @Test func nonlinearities() throws {
        #expect(Nonlinearity.sigmoid.map(Int.init) == (try integers("sigmoid")))
    }
}
