import ArgumentParser
import Planning

/// Draws the pipeline.
struct GraphCommand<Program: PipelineProgram>: PipelineCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "graph", abstract: "Draw the pipeline as Mermaid, Graphviz or JSON.",
      usage: "\(Invocation.programName) graph [<options>]",
      discussion: """
        EXAMPLES
          \(Invocation.programName) graph                       for a Markdown page
          \(Invocation.programName) graph --format dot | dot -Tsvg > graph.svg
          \(Invocation.programName) graph --format json | jq .nodes
        """)
  }

  enum Format: String, CaseIterable, ExpressibleByArgument, Sendable {
    case mermaid, dot, json
  }

  @OptionGroup(title: "Options of the pipeline") var program: Program
  @OptionGroup(title: "Which stages") var selection: SelectionOptions
  @OptionGroup var cache: CacheOptions
  @Option(help: "The language of the drawing.") var format = Format.mermaid

  func execute(_ invocation: Invocation) async throws -> ProgramStatus {
    let session = try Session(
      program, cache: cache, selection: selection, anticipation: invocation.anticipation)
    let graph = PlanGraph(session.plan)
    switch format {
    case .mermaid: Streams.output(graph.mermaid)
    case .dot: Streams.output(graph.dot)
    case .json: Streams.outputLine(graph.json.line)
    }
    return .fine
  }
}
