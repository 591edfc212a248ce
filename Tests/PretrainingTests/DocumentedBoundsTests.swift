import EvolutionStrategy
import SeededNoise
import Storage
import TestSupport
import Testing

/// Articles and configs quote the bounds that the program has.
@Suite struct DocumentedBoundsTests {
    private func text(_ path: String) throws -> String {
        let bytes = try Files.read(PackageFiles.path(path), atMost: 1 << 20)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// 1048574 as 1,048,574.
    private func grouped(_ number: Int) -> String {
        let digits = Array("\(number)")
        return digits.indices.map { index in
            let left = digits.count - index
            return (index > 0 && left.isMultiple(of: 3) ? "," : "") + String(digits[index])
        }.joined()
    }

    @Test func theMostMembersOfEGGROLL() throws {
        let most = Population.sizeRange.upperBound
        let settings = try text("Sources/Run/Pretraining/Pretraining.docc/Settings.md")
        #expect(settings.contains("up to \(grouped(most)) members"))
        let scaling = try text("Sources/Run/Pretraining/Pretraining.docc/Scaling.md")
        #expect(scaling.contains("up to \(grouped(most)) members"))
        #expect(try text("Configs/paper-6x256.yaml").contains("any number up to \(most) works"))
    }

    @Test func theLargestNoise() throws {
        let largest = NormalMagnitudes.largest
        let exactness = try text("Sources/Run/Pretraining/Pretraining.docc/Exactness.md")
        #expect(exactness.contains("\(largest) is the largest noise value"))
        let model = try text("Sources/Model/RecurrentLM/RecurrentLM.docc/TheModel.md")
        #expect(model.contains("Int8 within ±\(largest) "))
    }
}
