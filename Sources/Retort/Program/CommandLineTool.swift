import ArgumentParser
import Artifacts

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
  package static func main(_ root: any ParsableCommand.Type, _ arguments: [String]) async -> Never {
    UntilExit.announce()
    exit(await status(root, arguments).rawValue)
  }

  package static func status(_ root: any ParsableCommand.Type, _ arguments: [String]) async -> ProgramStatus {
    do {
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
