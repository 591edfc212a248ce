import RecurrentLM
import Reference
import TestSupport
import Testing

/// The reference model gives every number that the paper's authors' code gave.
@Suite struct ReferenceParityTests {
    @Test(arguments: PackageFiles.parityNames)
    func clean(name: String) throws {
        let fixture = try ParityFixture(name)
        let tokens = try fixture.file.uint8("clean.tokens")
        let logits = try fixture.file.int8("clean.logits")
        let likelihoods = try fixture.file.int32("clean.logLikelihood")
        var model = ReferenceModel(fixture.parameters)
        for time in 0..<tokens.count - 1 {
            let output = model.step(tokens[time])
            #expect(output == Array(logits[time * 256..<(time + 1) * 256]), "token \(time)")
            let likelihood = ReferenceModel.logLikelihood(output, target: tokens[time + 1])
            #expect(likelihood == likelihoods[time], "token \(time)")
        }
        #expect(model.state.flatMap { $0 } == (try fixture.file.int8("clean.finalState")))
    }

    @Test(arguments: PackageFiles.parityNames)
    func noisy(name: String) throws {
        let fixture = try ParityFixture(name)
        let tokens = try fixture.file.uint8("noisy.tokens")
        let likelihoods = try fixture.file.int32("noisy.logLikelihood")
        let finalStates = try fixture.file.int8("noisy.finalStates")
        let width = tokens.count / ParityFixture.pairs
        for member in 0..<2 * ParityFixture.pairs {
            let (pair, half) = member.quotientAndRemainder(dividingBy: 2)
            let noise = try fixture.memberNoise(pair: pair, sign: half == 0 ? 1 : -1)
            var model = ReferenceModel(fixture.parameters, noise: noise)
            for time in 0..<width - 1 {
                let output = model.step(tokens[pair * width + time])
                let likelihood = ReferenceModel.logLikelihood(
                    output, target: tokens[pair * width + time + 1])
                #expect(likelihood == likelihoods[member * (width - 1) + time])
            }
            let state = model.state.flatMap { $0 }
            let stored = finalStates[member * state.count..<(member + 1) * state.count]
            #expect(state == Array(stored), "member \(member)")
        }
    }
}
