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

/// A command of a pipeline's program.
protocol PipelineCommand: ParsableCommand {
  func execute(_ invocation: Invocation) async throws -> ProgramStatus
}

/// From the command line to the exit code.
enum ProgramMain<Program: PipelineProgram> {
  static func main(_ arguments: [String]) {
    MainThread.run {
      if let descriptor = Worker.descriptor {
        exit(await Isolation.work(for: Program.self, on: descriptor, arguments).rawValue)
      }
      let anticipation = Anticipation.begin(arguments, pipeline: Program.name)
      let invocation = Invocation(
        arguments: arguments, program: CommandLine.arguments.first ?? Program.name, anticipation: anticipation)
      UntilExit.announce()
      Anticipation.exit(await status(of: invocation), anticipation)
    }
  }

  /// Carries out a command line; errors are rendered on stderr.
  static func status(of invocation: Invocation) async -> ProgramStatus {
    do {
      guard let command = try parse(invocation.arguments) else { return .fine }
      if let command = command as? any PipelineCommand { return try await command.execute(invocation) }
      var builtIn = command
      try builtIn.run()
      return .fine
    } catch {
      return report(error, isJSON: invocation.arguments.contains("--json"))
    }
  }

  /// The command that `arguments` name; nil where a help screen or a completion script was all that was asked for.
  static func parse(_ arguments: [String]) throws -> (any ParsableCommand)? {
    // swift-argument-parser asks completion functions of a program by a command line of this form.
    if arguments.first?.hasPrefix("---") == true { return try ProgramFront<Program>.parseAsRoot(arguments) }
    if let run = try plainRun(arguments) { return run }
    let parameters = try ReservedNames.checkedParameters(of: Program.self)
    let order = try ArgumentOrder(arguments, commands: ProgramRoot<Program>.names, parameters: parameters)
    if order.command == nil, asksForFront(order.rest) { return try ProgramFront<Program>.parseAsRoot(order.rest) }
    if order.command == "help", order.rest.isEmpty { return try ProgramFront<Program>.parseAsRoot(["--help"]) }
    let line = [order.command ?? "run"] + order.rest
    return try PlainCommand.parsed(line, below: ProgramRoot<Program>.self) ?? ProgramRoot<Program>.parseAsRoot(line)
  }

  /// The command `run`, where no word could be another command's name, so that it does not matter which of them are values of
  /// which parameters. To know the parameters takes longer than to read such a line; a run that has work to do checks them.
  private static func plainRun(_ arguments: [String]) throws -> RunCommand<Program>? {
    let rest = arguments.first == "run" ? arguments.dropFirst() : arguments[...]
    guard !rest.contains(where: ProgramRoot<Program>.names.contains) else { return nil }
    #if DEBUG
      // swift-argument-parser ends the process for what this throws.
      _ = try ReservedNames.checkedParameters(of: Program.self)
    #endif
    return PlainCommand.alone(RunCommand<Program>.self, Array(rest))
  }

  /// Help, completion scripts and the like without a command's name are about the program as a whole.
  private static func asksForFront(_ arguments: [String]) -> Bool {
    arguments.prefix { $0 != "--" }
      .contains { argument in
        ReservedNames.builtIn.contains(argument) || argument.hasPrefix("--generate-completion-script=")
      }
  }

  static func report(_ error: any Error, isJSON: Bool) -> ProgramStatus {
    if !CommandLineError.isOne(error) {
      if isJSON { Streams.outputLine(JSONLine.fields(["error": ErrorRenderer.json(error)]).line) }
      Streams.errorLine(ErrorRenderer(.errors).text(for: error))
      return ProgramStatus(error)
    }
    return CommandLineError.report(error, as: ProgramFront<Program>.self)
  }
}

/// Errors of swift-argument-parser, which knows how to say them.
package enum CommandLineError {
  package static func isOne(_ error: any Error) -> Bool {
    let name = String(reflecting: type(of: error))
    return name.hasPrefix("ArgumentParser.")
  }

  /// Prints help on stdout, or what is wrong with the command line on stderr.
  package static func report(_ error: any Error, as root: any ParsableCommand.Type) -> ProgramStatus {
    let code = root.exitCode(for: error)
    if code == .success {
      Streams.outputLine(root.fullMessage(for: error))
      return .fine
    }
    guard code == .validationFailure else {
      Streams.errorLine(root.fullMessage(for: error))
      return .failure
    }
    let message = root.message(for: error)
    let help = root.fullMessage(for: error).split(separator: "\n").first { $0.hasPrefix("Help:  ") }?.dropFirst(7)
    let more = root.fullMessage(for: error).split(separator: "\n").last { $0.hasPrefix("  See '") }
    let remedy = [help.map(String.init), more.map { $0.trimmingPrefix("  ") }.map(String.init)].compactMap { $0 }
    let fault = RetortError("usage.arguments", message, remedy: remedy.joined(separator: " "))
    Streams.errorLine(ErrorRenderer(.errors).text(for: fault))
    return .usage
  }
}
