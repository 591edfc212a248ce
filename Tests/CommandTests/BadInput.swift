import Testing

/// A way to use a command wrongly, and what the command must say.
struct BadInput: Sendable, CustomTestStringConvertible {
    let name: String
    let command: BuiltCommand
    /// 64 for flags, 1 for files.
    let code: Int32
    /// Parts of the location, the finding and the remedy, in this order.
    let fragments: [String]
    var environment: [String: String] = [:]
    /// Prepares files and returns the arguments.
    let prepare: @Sendable (Workspace) throws -> [String]

    var testDescription: String { "\(command.rawValue): \(name)" }

    /// Runs the command and checks its exit code, its message, and that it wrote nothing.
    func check() throws {
        let workspace = try Workspace()
        let arguments = try prepare(workspace)
        let before = try workspace.snapshot()
        let result = try workspace.run(command, arguments, environment: environment)
        expectError(result, code: code, fragments)
        #expect(try workspace.snapshot() == before)
    }
}

/// Expects one line `error: WHERE: WHAT; HOW TO FIX` with these parts in their order, and no output.
func expectError(
    _ result: CommandResult, code: Int32, _ fragments: [String],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let errors = result.errors
    #expect(
        result.code == code && !result.wasKilled, "\(errors)", sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, "\(result.text)", sourceLocation: sourceLocation)
    #expect(
        errors.wholeMatch(of: /error: [^\n]+: [^\n]+; [^\n]+\n/) != nil, "\(errors)",
        sourceLocation: sourceLocation)
    var rest = errors[...]
    for fragment in fragments {
        guard let range = rest.firstRange(of: fragment) else {
            Issue.record(
                "'\(fragment)' is not at its place in: \(errors)", sourceLocation: sourceLocation)
            return
        }
        rest = rest[range.upperBound...]
    }
}
