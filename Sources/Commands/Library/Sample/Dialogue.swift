import TextGeneration

/// Lines from standard input, each added to the text so far, which the model then continues.
///
/// The text is that of all lines without their line feeds and of all continuations, just as they came. Continuation i is what
/// sample i of that text would be, so lines, settings and seed decide it.
struct Dialogue {
    private let model: TextModel
    private let generator: TextGenerator
    private let request: TextGenerator.Request
    private let style: TextRenderer.Style

    /// Whether somebody types the lines.
    private let isTyped = standardInputIsTerminal && standardErrorIsTerminal

    /// - Parameter request: its prompt is replaced by each line.
    init(
        model: TextModel, generator: TextGenerator, request: TextGenerator.Request,
        style: TextRenderer.Style
    ) {
        self.model = model
        self.generator = generator
        self.request = request
        self.style = style
    }

    /// Goes on to the end of standard input.
    func run() throws {
        let text = TextSoFar(model)
        var input = PromptInput(flag: "--interactive")
        var request = request
        for turn in 0..<TextGenerator.limit {
            askForLine()
            guard let line = try input.readLine() else { break }
            if style == .raw && turn > 0 { try StandardOutput.write([0]) }
            request.prompt = line
            try answer(turn, request, continuing: text)
        }
        if isTyped { writeToStandardError("\n") }
    }

    private func answer(
        _ turn: Int, _ request: TextGenerator.Request, continuing text: TextSoFar
    ) throws {
        var renderer = TextRenderer(style: style)
        var written: [UInt8] = []
        try generator.generate(turn..<turn + 1, request, continuing: text) { _, token in
            written.append(token)
            try StandardOutput.write(renderer.append(token))
        }
        try StandardOutput.write(renderer.finish())
        text.append(written)
    }

    /// A mark for whoever types; not in the text.
    private func askForLine() {
        if isTyped { writeToStandardError("> ") }
    }
}
