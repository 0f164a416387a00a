import ArgumentParser
import Inspecting
import Retort

/// Says why two artifacts or two runs differ.
struct DiffCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Say why two artifacts or two runs differ, and by how much.",
    discussion: """
      Follows what differs in the two recipes back to the options, files, versions and seeds that differ by themselves: \
      an input that differs only because something before it does is no cause. LABEL@RUN is what a run had under a label.

      EXAMPLES
        retort diff student@3 student@4
        retort diff 3 4                     all stages of two runs
        retort diff 9f3ac2 b21c07 --json
      """)

  @Argument(help: "A label, LABEL@RUN, a run's number, or the beginning of a digest.") var old: String
  @Argument(help: "What to compare it with.") var new: String
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  func execute() async throws -> ProgramStatus {
    let report = DiffReport(try Inspector(at: FilePath(cache.cache)).difference(from: old, to: new))
    if output.json {
      Streams.outputLine(report.json.line)
    } else {
      Streams.output(report.text(.output))
    }
    return .fine
  }
}
