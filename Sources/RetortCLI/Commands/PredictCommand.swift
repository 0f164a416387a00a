import ArgumentParser
import Models
import Retort
import Tensors
import Training

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
      Without texts it reads them from stdin, one a line. For a model of pairs, such as a ranker's query and passage, the \
      two texts stand on one line with a tab between them. A tagger takes words with spaces between, and writes a word \
      with its tag a line and a blank line after each text.

      EXAMPLES
        retort predict out/sst2 "A fine film." "A waste of time."
        retort predict ranker --pair "who wrote it" "She wrote it in 1901."
        retort predict int8 --file reviews.txt > answers.tsv
        retort predict 3f9ac1 --json < reviews.txt | jq -r .label
      """)

  @Argument(help: "A model's folder, or a label or the beginning of a digest in the cache.") var model: String
  @Argument(help: "The texts. (default: the lines of stdin)") var texts: [String] = []
  @Flag(help: "Texts are pairs: a tab in each line, or two arguments each. (default: where all have a tab)")
  var pair = false
  @Option(help: ArgumentHelp("Read the texts from a file, one a line.", valueName: "file"), completion: .file())
  var file: String?
  @Option(help: "Texts that go through the model together.") var batch = 32
  @Option(help: ArgumentHelp("Longer texts are cut. (default: what the model can read)", valueName: "tokens"))
  var longest: Int?
  @Flag(name: .shortAndLong, help: "Say nothing of the throughput.") var quiet = false
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  mutating func validate() throws {
    guard batch >= 1 else { throw ValidationError("--batch must be at least 1, and is \(batch).") }
    if let longest, longest < 3 { throw ValidationError("--longest must be at least 3, and is \(longest).") }
    if file != nil, !texts.isEmpty { throw ValidationError("Give texts, or --file, not both.") }
    if pair, !texts.isEmpty, !texts.allSatisfy({ $0.contains("\t") }), texts.count % 2 != 0 {
      throw ValidationError("With --pair give two texts each; there are \(texts.count).")
    }
  }

  func execute() async throws -> ProgramStatus {
    let predictor = try Predictor(folder: ModelPlace.find(model, cache: cache.cache), longest: longest)
    if !texts.isEmpty {
      let questions = try asked()
      for start in stride(from: 0, to: questions.count, by: batch) {
        try answer(Array(questions[start..<min(start + batch, questions.count)]), predictor)
      }
      return .fine
    }
    if let file {
      var lines = try TextFile(reading: FilePath(file)).lines.makeIterator()
      try stream(predictor, named: file, atOnce: batch) { lines.next() }
      return .fine
    }
    let isTyped = isatty(STDIN_FILENO) == 1
    if isTyped { Streams.errorLine("Type a text a line; Ctrl-D ends.") }
    try stream(predictor, named: "stdin", atOnce: isTyped ? 1 : batch, isTyped: isTyped) { readLine() }
    return .fine
  }

  /// The texts of the command line.
  private func asked() throws -> [Question] {
    if pair, !texts.allSatisfy({ $0.contains("\t") }) {
      return stride(from: 0, to: texts.count, by: 2).map { Question(texts[$0], texts[$0 + 1]) }
    }
    let isPaired = pair || texts.allSatisfy { $0.contains("\t") }
    return try texts.map { try Question($0, isPaired: isPaired) }
  }

  /// Answers lines as they come, in batches, and says how fast.
  private func stream(
    _ predictor: Predictor, named name: String, atOnce: Int, isTyped: Bool = false, _ next: () -> String?
  ) throws {
    var waiting: [(text: String, line: Int)] = []
    var (line, count) = (0, 0)
    var busy = Duration.zero
    // The first lines decide whether they are pairs, unless the command line does.
    var isPaired: Bool? = pair ? true : nil
    func flush() throws {
      guard !waiting.isEmpty else { return }
      let paired = isPaired ?? waiting.allSatisfy { $0.text.contains("\t") }
      if !isTyped { isPaired = paired }
      let questions = try waiting.map {
        try Question($0.text, isPaired: paired, at: Place(file: name, line: $0.line))
      }
      busy += try ContinuousClock().measure { try answer(questions, predictor) }
      count += waiting.count
      waiting = []
    }
    while let text = next() {
      line += 1
      if text.contains(where: { !$0.isWhitespace }) { waiting.append((text, line)) }
      if waiting.count >= atOnce { try flush() }
    }
    try flush()
    if !quiet, !isTyped, count > 0 { Streams.errorLine(Self.throughput(count, busy)) }
  }

  private static func throughput(_ count: Int, _ time: Duration) -> String {
    let seconds = max(time.seconds, 1e-9)
    return "\(Figures.count(count)) \(count == 1 ? "text" : "texts") in \(Figures.fixed(seconds, 2)) s: "
      + "\(Figures.short(Double(count) / seconds)) sentences/s"
  }

  private func answer(_ questions: [Question], _ predictor: Predictor) throws {
    for answer in try predictor.answers(to: questions) {
      Streams.outputLine(output.json ? answer.json.line : answer.line)
    }
  }
}
