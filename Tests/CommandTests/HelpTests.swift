import Testing

/// The help of every command on a terminal of 80 columns.
@Suite struct HelpTests {
    private static let width = 80

    private func help(_ command: BuiltCommand) throws -> [Substring] {
        let help = try Workspace().run(command, ["--help"], environment: ["COLUMNS": "80"])
        return help.text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test(arguments: BuiltCommand.single)
    func noLineIsTooLong(_ command: BuiltCommand) throws {
        for line in try help(command) {
            #expect(line.count <= Self.width, "\(line)")
        }
    }

    /// A line that ends early, though a word of the next one would fit, was broken by hand for another width.
    @Test(arguments: BuiltCommand.single)
    func paragraphsFillTheirLines(_ command: BuiltCommand) throws {
        let lines = try help(command).prefix { !$0.hasPrefix("EXAMPLES") }
        #expect(lines.count > 3)
        for (line, next) in zip(lines, lines.dropFirst()) {
            guard !line.isEmpty, let word = next.split(separator: " ").first else { continue }
            // The parser leaves the last column free.
            #expect(line.count + 1 + word.count >= Self.width, "\(line)")
        }
    }

    /// An example that was wrapped cannot be pasted.
    @Test(arguments: BuiltCommand.single)
    func examplesKeepTheirLines(_ command: BuiltCommand) throws {
        let examples = try help(command).drop { !$0.hasPrefix("EXAMPLES") }.dropFirst()
            .prefix { !$0.isEmpty }
        #expect(examples.count >= 2)
        #expect(examples.allSatisfy { $0.hasPrefix("  ") })
    }

    @Test(arguments: BuiltCommand.single)
    func everyOptionIsDescribed(_ command: BuiltCommand) throws {
        let lines = try help(command).drop { $0 != "OPTIONS:" }.dropFirst()
        let text = String(repeating: " ", count: 26)
        var options = 0
        for (line, next) in zip(lines, lines.dropFirst()) where line.hasPrefix("  -") {
            options += 1
            let isDescribed = line.count > text.count || next.hasPrefix(text)
            #expect(isDescribed, "\(line)")
        }
        #expect(options >= 4)
    }
}
