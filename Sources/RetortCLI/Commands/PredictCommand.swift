import ArgumentParser
import Models
import Retort

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Asks a model.
struct PredictCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Ask a model, of a folder or of the cache, about texts.",
    discussion: """
      Without texts it reads them from stdin, one a line. For a model of pairs the two texts stand on one line, with a \
      tab between them.

      EXAMPLES
        retort predict out/sst2 "A fine film." "A waste of time."
        retort predict int8 < reviews.txt > answers.tsv
        retort predict 3f9ac1 --json < reviews.txt | jq -r .label
      """)

  @Argument(help: "A model's folder, or a label or the beginning of a digest in the cache.") var model: String
  @Argument(help: "The texts. (default: the lines of stdin)") var texts: [String] = []
  @Option(help: "Texts that go through the model together.") var batch = 32
  @Option(help: ArgumentHelp("Longer texts are cut. (default: what the model can read)", valueName: "tokens"))
  var longest: Int?
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  mutating func validate() throws {
    guard batch >= 1 else { throw ValidationError("--batch must be at least 1, and is \(batch).") }
    if let longest, longest < 3 { throw ValidationError("--longest must be at least 3, and is \(longest).") }
  }

  func execute() async throws -> ProgramStatus {
    let predictor = try Predictor(folder: ModelPlace.find(model, cache: cache.cache), longest: longest)
    if !texts.isEmpty {
      for start in stride(from: 0, to: texts.count, by: batch) {
        try answer(Array(texts[start..<min(start + batch, texts.count)]), predictor)
      }
      return .fine
    }
    let isTyped = isatty(STDIN_FILENO) == 1
    if isTyped { Streams.errorLine("Type a text a line; Ctrl-D ends.") }
    var waiting: [String] = []
    while let line = readLine() {
      if !line.isEmpty { waiting.append(line) }
      if waiting.count >= (isTyped ? 1 : batch) {
        try answer(waiting, predictor)
        waiting = []
      }
    }
    if !waiting.isEmpty { try answer(waiting, predictor) }
    return .fine
  }

  private func answer(_ texts: [String], _ predictor: Predictor) throws {
    for answer in try predictor.answers(to: texts) {
      Streams.outputLine(output.json ? answer.json.line : answer.line)
    }
  }
}
