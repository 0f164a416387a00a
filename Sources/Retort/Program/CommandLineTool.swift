import ArgumentParser
import Artifacts
import Executing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A command of `retort`.
package protocol ToolCommand: ParsableCommand {
  func execute() async throws -> ProgramStatus
}

/// From the command line to the exit code, for a program with a plain tree of commands.
package enum CommandLineTool {
  /// - Parameter anticipation: what was begun before.
  package static func main<Root: ParsableCommand>(
    _ root: Root.Type, _ arguments: [String], anticipation: Anticipation? = nil
  ) {
    UntilExit.announce()
    MainThread.run { Anticipation.exit(await status(root, arguments), anticipation) }
  }

  package static func status<Root: ParsableCommand>(
    _ root: Root.Type, _ arguments: [String]
  ) async -> ProgramStatus {
    do {
      if let command = PlainCommand.parsed(arguments, below: root) as? any ToolCommand {
        return try await command.execute()
      }
      try checkCommand(arguments, of: root)
      var command = try root.parseAsRoot(arguments)
      if let command = command as? any ToolCommand { return try await command.execute() }
      try command.run()
      return .fine
    } catch {
      if CommandLineError.isOne(error) { return CommandLineError.report(error, as: root) }
      Streams.errorLine(ErrorRenderer(.errors).text(for: error))
      return ProgramStatus(error)
    }
  }

  /// A command that is not there gets a hint, which swift-argument-parser gives for options only.
  private static func checkCommand(_ arguments: [String], of root: any ParsableCommand.Type) throws {
    guard let word = arguments.first, !word.hasPrefix("-") else { return }
    var names = ["help"]
    for command in root.configuration.subcommands where command.configuration.shouldDisplay {
      names.append(command._commandName)
    }
    guard !names.contains(word) else { return }
    throw RetortError(
      "usage.command", "There is no command “\(word)”.",
      remedy: Suggestion.hint(for: word, among: names, noun: "command"))
  }
}
