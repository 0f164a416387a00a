import ArgumentParser

/// The tree of commands that a command line is parsed with.
struct ProgramRoot<Program: PipelineProgram>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Invocation.programName, abstract: Program.abstract, version: RetortVersion.current,
      subcommands: commands)
  }

  static var commands: [any ParsableCommand.Type] {
    [
      RunCommand<Program>.self, ResumeCommand<Program>.self, PlanCommand<Program>.self, StatusCommand<Program>.self,
      GraphCommand<Program>.self, WhyCommand<Program>.self, ReproduceCommand<Program>.self, AuditCommand<Program>.self,
    ]
  }

  static var names: [String] { ["run", "resume", "plan", "status", "graph", "why", "reproduce", "audit", "help"] }
}

/// The same tree as it is shown: with the options of `run` at the root. It parses nothing, for a required option may
/// well stand behind the command's name.
struct ProgramFront<Program: PipelineProgram>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Invocation.programName, abstract: Program.abstract, usage: usage, discussion: discussion,
      version: RetortVersion.current, subcommands: ProgramRoot<Program>.commands,
      defaultSubcommand: RunCommand<Program>.self)
  }

  @OptionGroup(title: "Options of the pipeline") var program: Program
  @OptionGroup(title: "Which stages") var selection: SelectionOptions
  @OptionGroup(title: "How they run") var execution: ExecutionOptions
  @OptionGroup(title: "What they may use") var machine: MachineOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  private static var usage: String {
    """
    \(Invocation.programName) [<options>]
    \(Invocation.programName) [<options>] <command> [<options>]
    """
  }

  private static var discussion: String {
    let name = Invocation.programName
    return """
      Without a command it runs the pipeline: every stage whose result is not in the cache. Options may stand before \
      and after the command.

      EXAMPLES
        \(name) plan                  what would run, and why
        \(name) --force teacher       compute a stage again
        \(name) why teacher           why it ran the last time
        \(name) resume                go on after Ctrl-C, a failure or a crash
        \(name) graph --format dot | dot -Tsvg > graph.svg

      \(ProgramStatus.help)

      COMPLETION
        \(name) --generate-completion-script bash|zsh|fish
      """
  }
}

/// The version of the library, which is that of its programs.
package enum RetortVersion {
  package static let current = "0.1.0"
}
