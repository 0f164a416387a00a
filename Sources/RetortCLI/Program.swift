import ArgumentParser
import Retort

/// The program `retort`: everything about a cache that needs no pipeline.
@main
struct RetortProgram: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retort", abstract: "Looks into a cache of results, keeps it in order, and starts pipelines.",
    discussion: """
      EXAMPLES
        retort doctor                      what this machine offers, and what to mend
        retort new sst2 --package          a package of your own, ready to run
        retort runs                        what ran
        retort show teacher                an artifact: facts, figures, recipe
        retort lineage int8                what it was made from
        retort diff student@3 student@4    why two results differ
        retort compare                     the figures of the last runs
        retort predict int8 "A fine film." ask a model in the cache
        retort tokenize int8 < texts.txt   numbers, texts and places of its tokens
        retort evaluate int8 --data d.tsv  measure it on a file

      \(ProgramStatus.help)

      COMPLETION
        retort --generate-completion-script bash|zsh|fish
      """,
    version: RetortVersion.current,
    subcommands: [
      RunsCommand.self, ShowCommand.self, LineageCommand.self, WhyCommand.self, DiffCommand.self, CompareCommand.self,
      LogsCommand.self, GarbageCommand.self, VerifyCommand.self, DoctorCommand.self, PullCommand.self,
      PredictCommand.self, EvaluateCommand.self,
      TokenizeCommand.self, ExportCommand.self, ImportCommand.self, ReproduceCommand.self, AuditCommand.self,
      BenchCommand.self, NewCommand.self,
    ])

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.starts(with: ["bench", "pass"]) else { return CommandLineTool.main(RetortProgram.self, arguments) }
    CommandLineTool.main(RetortProgram.self, arguments, anticipation: TrivialPass.anticipate(arguments))
  }
}
