import ArgumentParser
import Inspecting
import Retort

/// Draws from what an artifact was made, or what was made from it.
struct LineageCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "lineage", abstract: "Draw from what an artifact was made, or what was made from it.",
    discussion: """
      Follows artifacts through all runs of the cache.

      EXAMPLES
        retort lineage int8
        retort lineage corpus --down
        retort lineage int8 --format dot | dot -Tsvg > lineage.svg
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument, Sendable {
    case tree, dot, mermaid, json
  }

  /// More stages than anyone reads.
  static let standardLimit = 1000

  @Argument(help: "A label, or the beginning of a digest.") var name: String
  @Flag(help: "Towards the sources (the default).") var up = false
  @Flag(help: "Towards what was made from it.") var down = false
  @Option(help: "How many stages away. (default: all)") var depth: Int?
  @Option(help: "How many stages to show at most; 0 for all. (default: 1000, with --format json all)") var limit: Int?
  @Option(help: "The form of the drawing.") var format = Format.tree
  @OptionGroup var cache: CacheOptions
  @Flag(help: "The same as --format json.") var json = false

  mutating func validate() throws {
    if up, down { throw ValidationError("--up and --down exclude each other.") }
    if let depth, depth < 0 { throw ValidationError("--depth must not be negative, and is \(depth).") }
    if let limit, limit < 0 { throw ValidationError("--limit must not be negative, and is \(limit).") }
  }

  func execute() async throws -> ProgramStatus {
    let inspector = try Inspector(at: FilePath(cache.cache))
    let finding = try inspector.artifact(name)
    let form = json ? .json : format
    let limit = limit ?? (form == .json ? 0 : Self.standardLimit)
    let lineage = try inspector.lineage(
      of: finding.execution, down ? .down : .up, depth: depth, limit: limit == 0 ? .max : limit)
    switch form {
    case .tree: Streams.outputLine(lineage.tree)
    case .dot: Streams.outputLine(lineage.dot)
    case .mermaid: Streams.outputLine(lineage.mermaid)
    case .json: Streams.outputLine(try Inspecting.JSONText.line(lineage))
    }
    return .fine
  }
}
