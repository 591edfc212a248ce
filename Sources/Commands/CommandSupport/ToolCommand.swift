import ArgumentParser
import CLibrary
import Diagnostics

/// The version that every command prints for `--version`.
public let toolkitVersion = "0.1.0"

/// Exit codes of every command: 64 for a usage error (as in sysexits.h), 1 for anything else.
public enum CommandExit {
    public static let failure: Int32 = 1
    public static let usage: Int32 = 64
    /// Ended by a signal, as shells number it: 130 for SIGINT, 143 for SIGTERM.
    public static func signal(_ number: Int32) -> Int32 { 128 + number }
}

/// A command of the toolkit: parses its flags, runs, and prints every error in one form.
public protocol ToolCommand: ParsableCommand {
    /// The work of the command. Returns the exit code.
    mutating func execute() throws -> Int32
}

extension ToolCommand {
    /// The entry point of each executable.
    public static func start() -> Never {
        ProcessPreparation.run()
        do {
            var command = try parseCommand()
            finish(with: try command.execute())
        } catch let error as UsageError {
            printError(error.description)
            finish(with: CommandExit.usage)
        } catch is ClosedPipe {
            finish(with: 0)
        } catch let error as any UserError {
            printError(error.description)
        } catch {
            printError("\(commandName): \(error); report this")
        }
        finish(with: CommandExit.failure)
    }

    private static var commandName: String { configuration.commandName ?? "\(Self.self)" }

    /// Parses the arguments; ends the process for `--help`, `--version` and unusable flags.
    private static func parseCommand() throws -> any ToolCommand {
        do {
            var command = try parseAsRoot()
            if let tool = command as? any ToolCommand { return tool }
            try command.run()  // ArgumentParser's own help command
            finish(with: 0)
        } catch {
            reportParserError(error)
        }
    }

    private static func reportParserError(_ error: any Error) -> Never {
        let code = exitCode(for: error).rawValue
        guard code != 0 else {  // --help and --version
            print(HelpText.wrapped(fullMessage(for: error)))
            finish(with: 0)
        }
        let message = message(for: error).split(separator: "\n").first.map(String.init) ?? ""
        let finding = message.hasSuffix(".") ? String(message.dropLast()) : message
        printError("\(commandName): \(finding); see '\(commandName) --help'")
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

/// Writes `error: MESSAGE` to standard error, as one line: control characters out of names and values
/// are escaped.
public func printError(_ message: String) { printMessage("error", message) }

/// Writes `warning: MESSAGE` to standard error, as ``printError(_:)`` does.
public func printWarning(_ message: String) { printMessage("warning", message) }

private func printMessage(_ kind: String, _ message: String) {
    writeToStandardError("\(kind): \(message.asPlainLine)\n")
}

/// Writes text to standard error as it is.
public func writeToStandardError(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { writeWhole($0, to: 2) }
}

/// Whether standard input is a terminal, so that somebody types it.
public var standardInputIsTerminal: Bool { isatty(0) == 1 }

/// Whether standard error is a terminal, so that somebody reads it now.
public var standardErrorIsTerminal: Bool { isatty(2) == 1 }
