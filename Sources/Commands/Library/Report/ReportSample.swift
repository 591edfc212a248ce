import Diagnostics
import FixedPoint
import IntegerTensor
import Pretraining
import TextGeneration

/// What a checkpoint writes, with the settings and the seed that `sample` has unless told otherwise.
struct ReportSample {
    /// The steps that the model had.
    let step: Int
    /// The prompt and what continues it, or why there is nothing.
    let text: String

    /// The temperature of `sample`.
    private static let temperature =
        DecimalText.parse(
            SampleCommand.usualTemperature, scale: SamplingSettings.temperatureScale)
        ?? SamplingSettings.temperatureScale

    /// Lets a checkpoint continue a prompt.
    init(_ checkpoint: RecordedRun.Checkpoint, prompt: String, tokens: Int) throws {
        step = checkpoint.step
        let model: TextModel
        do { model = try TextModel.load(checkpoint.model) } catch let error as any UserError {
            text = "There is none: \(error.location): \(error.finding)"
            return
        }
        let generator = TextGenerator(
            model,
            sampler: TokenSampler(
                settings: SamplingSettings(temperature: Self.temperature), seed: 0))
        let request = TextGenerator.Request(prompt: Array(prompt.utf8), tokens: tokens)
        var renderer = TextRenderer(style: .terminal)
        var bytes = request.prompt.flatMap { renderer.append($0) }
        generator.generate(0..<1, request) { _, token in bytes += renderer.append(token) }
        text = String(decoding: bytes + renderer.finish(), as: UTF8.self)
    }
}
