import EvolutionStrategy
import Testing

/// The bytes of fitness values.
@Suite struct FitnessPackingTests {
    @Test func packsTheDocumentedExamples() {
        #expect(FitnessPacking(.sign).pack([1, -1]) == [7])
        #expect(FitnessPacking(.sign).pack([-1, -1, -1, -1, -1, 1]) == [242, 1])
        #expect(FitnessPacking(.magnitude4).pack([7, -7, -1]) == [0x97, 0x0F])
        #expect(FitnessPacking(.magnitude8).pack([127, -127, 0]) == [0x7F, 0x81, 0])
    }

    private static func limit(_ form: FitnessForm) -> Int8 {
        switch form {
        case .sign: 1
        case .magnitude4: 7
        case .magnitude8: 127
        }
    }

    /// Every value at every place of a byte, in lists of every length up to three bytes.
    @Test(arguments: FitnessForm.allCases) func givesBackWhatItPacked(_ form: FitnessForm) {
        let packing = FitnessPacking(form)
        let limit = Self.limit(form)
        for count in 1...15 {
            for value in -limit...limit {
                for place in 0..<count {
                    var values = [Int8](repeating: 0, count: count)
                    values[place] = value
                    let bytes = packing.pack(values)
                    #expect(bytes.count == packing.byteCount(directions: count))
                    #expect(packing.unpack(bytes, directions: count) == values)
                }
            }
        }
    }

    /// Every byte is either what packing gives or refused.
    @Test(arguments: FitnessForm.allCases) func refusesOtherBytes(_ form: FitnessForm) {
        let packing = FitnessPacking(form)
        let most = [FitnessForm.sign: 5, .magnitude4: 2, .magnitude8: 1][form] ?? 0
        for directions in 1...most {
            for byte in UInt8.min...UInt8.max {
                guard let values = packing.unpack([byte], directions: directions) else { continue }
                #expect(packing.pack(values) == [byte])
            }
        }
        let known = (UInt8.min...UInt8.max).count { packing.unpack([$0], directions: most) != nil }
        #expect(known == [.sign: 243, .magnitude4: 225, .magnitude8: 255][form])
    }

    @Test func refusesPaddingThatIsNotZero() {
        #expect(FitnessPacking(.sign).unpack([9], directions: 2) == nil)
        #expect(FitnessPacking(.magnitude4).unpack([0x10], directions: 1) == nil)
    }
}
