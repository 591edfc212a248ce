// Trains ten steps on a text, scores the text under the model and samples from it:
//   TrainScoreSample TEXT CONFIG OUTPUT
import Evaluation
import IntegerTensor
import Pretraining
import Storage
import TextGeneration
import TokenShards

let (text, config, output) = (
    CommandLine.arguments[1], CommandLine.arguments[2], CommandLine.arguments[3]
)
var tokenizer = CorpusTokenizer(
    CorpusPlan(inputs: [text]), into: try StagedDataset(output + "/shards", replacing: true))
_ = try tokenizer.run()
let trainer = try Trainer(
    config: try RunConfig(
        file: config, overrides: ["data.shards=\(output)/shards", "run.steps=10"]),
    output: output + "/run")
try trainer.run { print("step \($0.step): \($0.trainBitsPerByte) bits/byte") }

let model = try TextModel.load(output + "/run")
let scorer = try CleanScorer(model: model.prepared, pool: WorkerPool(threads: 1), streams: 1)
let score = try scorer.scoreEach(TextTokens(try TextInput(InputFile(text)))) { _, _ in }
print("the text: \(score.exactBitsPerToken()) bits/byte, weights \(trainer.weightsHash)")

let generator = TextGenerator(model, sampler: TokenSampler(settings: SamplingSettings(), seed: 1))
var sample = TextRenderer(style: .terminal)
print("The ", terminator: "")
generator.generate(0..<1, TextGenerator.Request(prompt: Array("The ".utf8), tokens: 60)) {
    print(String(decoding: sample.append($1), as: UTF8.self), terminator: "")
}
print()
