import ArgumentParser

/// A tree of commands without the flag for completion scripts.
///
/// swift-argument-parser looks for that flag before all else, by parsing two commands of its own, which takes as long as
/// reading the command line itself. So a line is first parsed with this tree. What it does not understand is then parsed
/// with the real one, which says what is wrong, or helps.
struct PlainRoot<Root: ParsableCommand>: ParsableCommand {
  static var configuration: CommandConfiguration {
    var configuration = Root.configuration
    // The library's way to say that other programs stand before this one: it then has no completion script.
    configuration._superCommandName = configuration.commandName
    return configuration
  }

  /// The command in `arguments`, if it is a plain one of type `Command`.
  static func command<Command>(in arguments: [String], as type: Command.Type) -> Command? {
    (try? parseAsRoot(arguments)) as? Command
  }
}
