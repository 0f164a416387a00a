import ArgumentParser
import FoundationEssentials
import Retort

/// Wall time of whole processes that run a pipeline of trivial stages: the first time, and again with nothing to do.
struct BenchEngineCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine", abstract: "Time whole processes that run a pipeline of trivial stages.",
    discussion: """
      Each stage has twelve options and two inputs and returns a number. The cache is a temporary folder; every pass is \
      a process of its own, from start to exit. Of several no-op passes the median counts. Then the cache is asked, in \
      this process but for each question anew from its opening on: for its runs, why the last stage ran, and for the \
      lineage of the last stage and of the first one downwards, as far as `lineage` draws it. Without --shape all shapes \
      are timed and the slowest is given.

      EXAMPLES
        retort bench engine --stages 10000
        retort bench engine --stages 1000 --shape fan --json
      """)

  @Option(help: "How many stages.") var stages = 1000
  @Option(help: "chain, fan or layers. (default: all, and the slowest counts)") var shape: TrivialPipeline.Shape?
  @Option(help: "No-op passes to take the median of.") var passes = 5
  @OptionGroup var output: JSONOption

  mutating func validate() throws {
    guard stages >= 1 else { throw ValidationError("--stages must be at least 1, and is \(stages).") }
    guard passes >= 1 else { throw ValidationError("--passes must be at least 1, and is \(passes).") }
  }

  struct Timing {
    var shape: TrivialPipeline.Shape
    var first: Double
    var noop: Double
    var questions: QuestionTimes
  }

  func execute() async throws -> ProgramStatus {
    var timings: [Timing] = []
    for shape in shape.map({ [$0] }) ?? TrivialPipeline.Shape.allCases { timings.append(try time(shape)) }
    guard let slowest = timings.max(by: { $0.noop < $1.noop }) else { return .failure }
    if output.json {
      Streams.outputLine(
        JSONLine.fields([
          "stages": .integer(stages), "shape": .string(slowest.shape.rawValue),
          "first_run_seconds": .number(timings.map(\.first).max() ?? slowest.first),
          "noop_seconds": .number(slowest.noop),
          "shapes": .array(
            timings.map {
              .fields([
                "shape": .string($0.shape.rawValue), "first_run_seconds": .number($0.first),
                "noop_seconds": .number($0.noop), "questions": $0.questions.json,
              ])
            }),
        ]).line)
    } else {
      let table = Table(
        [
          .init("shape"), .init("stages", isNumber: true), .init("first run", isNumber: true),
          .init("a stage", isNumber: true), .init("no-op", isNumber: true), .init("runs", isNumber: true),
          .init("why", isNumber: true), .init("lineage", isNumber: true), .init("down", isNumber: true),
        ],
        rows: timings.map {
          [
            $0.shape.rawValue, Figures.count(stages), Figures.duration($0.first),
            "\(Figures.fixed($0.first / Double(stages) * 1e6, 0)) µs", Figures.duration($0.noop),
            Figures.duration($0.questions.runs), Figures.duration($0.questions.why),
            Figures.duration($0.questions.lineage), Figures.duration($0.questions.down),
          ]
        })
      Streams.output(
        table.lines(width: Terminal.output.width, style: Terminal.output.style).joined(separator: "\n") + "\n")
    }
    return .fine
  }

  private func time(_ shape: TrivialPipeline.Shape) throws -> Timing {
    let folder = FilePath(FileManager.default.temporaryDirectory.path()).appending("retort-bench-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    let arguments = ["bench", "pass", "--stages", "\(stages)", "--shape", shape.rawValue, "--cache", folder.string]
    let first = try ChildProcess.time(arguments)
    let noops = try (0..<passes).map { _ in try ChildProcess.time(arguments) }.sorted()
    return Timing(
      shape: shape, first: first, noop: noops[noops.count / 2],
      questions: try QuestionTimes(cache: folder, stages: stages))
  }
}

extension TrivialPipeline.Shape: ExpressibleByArgument {}

/// One pass in this process: what `engine` calls.
struct BenchPassCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "pass", abstract: "Run the trivial pipeline once, in this process.", shouldDisplay: false)

  @Option var stages = 1000
  @Option var shape = TrivialPipeline.Shape.chain
  @OptionGroup var cache: CacheOptions

  func execute() async throws -> ProgramStatus {
    let pipeline = TrivialPipeline.declared(stages: stages, shape: shape)
    return try await TrivialPass.run(pipeline, cache: cache.cache)
  }
}
