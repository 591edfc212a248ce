import ArgumentParser
import CLibrary
import Diagnostics

/// The process that a command is: its start, its errors and its end.
enum CommandProcess {
    /// Parses the arguments, runs the command that they name, and ends the process.
    /// - Parameters:
    ///   - root: The command, or one that has others as its subcommands.
    ///   - name: What errors call the command.
    ///   - check: Looks at the arguments before they are parsed.
    static func run(
        _ root: any ParsableCommand.Type, name: String,
        check: () throws(UsageError) -> Void = {}
    ) -> Never {
        ProcessPreparation.run()
        do {
            try check()
            var command = try parse(root, name)
            finish(with: try command.execute())
        } catch let error as UsageError {
            printError(error.description)
            finish(with: CommandExit.usage)
        } catch is ClosedPipe {
            finish(with: 0)
        } catch let error as any UserError {
            printError(error.description)
        } catch {
            printError("\(name): \(error); report this")
        }
        finish(with: CommandExit.failure)
    }

    /// Parses the arguments; ends the process for `--help`, `--version` and unusable flags.
    private static func parse(
        _ root: any ParsableCommand.Type, _ name: String
    ) throws(UsageError) -> any ToolCommand {
        do {
            var command = try root.parseAsRoot()
            if let tool = command as? any ToolCommand { return tool }
            try command.run()  // ArgumentParser's own help command, or no command at all
            finish(with: 0)
        } catch let error as UsageError {
            throw error
        } catch {
            reportParserError(error, root, name)
        }
    }

    private static func reportParserError(
        _ error: any Error, _ root: any ParsableCommand.Type, _ name: String
    ) -> Never {
        guard root.exitCode(for: error) != .success else {  // --help and --version
            print(HelpText.shown(root.fullMessage(for: error)))
            finish(with: 0)
        }
        let message = root.message(for: error).split(separator: "\n").first.map(String.init) ?? ""
        let finding = message.hasSuffix(".") ? String(message.dropLast()) : message
        printError("\(name): \(finding); see '\(name) --help'")
        finish(with: CommandExit.usage)
    }

    private static func finish(with code: Int32) -> Never {
        var code = code
        // A reader that is gone is no error: there is just nobody left to write for.
        if fflush(nil) != 0 && errno != EPIPE && code == 0 {
            printError("standard output: cannot write; check where it goes")
            code = CommandExit.failure
        }
        CLibrary.exit(code)
    }
}
