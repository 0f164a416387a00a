import ArgumentParser

/// Finds the command that a plain command line names, and parses it alone.
///
/// swift-argument-parser parses two commands of its own before all else, for the flag of completion scripts, and asks every
/// command on the way for the options of its default. That takes longer than reading the options themselves. So a line is
/// first read here; what this does not understand goes to the real tree, which says what is wrong, or helps.
enum PlainCommand {
  /// The command in `arguments`, which begin with its name, below a root.
  ///
  /// The commands on the way must have no options of their own.
  ///
  /// - Returns: nil where the tree has to decide.
  static func parsed(_ arguments: [String], below root: any ParsableCommand.Type) -> (any ParsableCommand)? {
    var (command, rest) = (root, arguments[...])
    while !command.configuration.subcommands.isEmpty {
      let configuration = command.configuration
      if let word = rest.first, !word.hasPrefix("-") {
        guard let next = configuration.subcommands.first(where: { $0._commandName == word }) else { return nil }
        command = next
        rest = rest.dropFirst()
      } else if let standard = configuration.defaultSubcommand {
        command = standard
      } else {
        return nil
      }
    }
    return alone(command, Array(rest))
  }

  /// A command whose name was read already.
  static func alone<Command: ParsableCommand>(_ command: Command.Type, _ arguments: [String]) -> Command? {
    (try? Alone<Command>.parseAsRoot(arguments) as? Alone<Command>)?.command
  }

  /// A root that has the options of one command.
  private struct Alone<Command: ParsableCommand>: ParsableCommand {
    /// The library's way to say that other programs stand before this one: it then has no completion script.
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: "alone", _superCommandName: "") }

    @OptionGroup var command: Command
  }
}
