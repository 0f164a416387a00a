import Retort

/// A step in Python between Retort's own: it is cached, resumed, explained and cancelled like any other.
@main
struct CommandExample: PipelineProgram {
  static let abstract =
    "Cleans a corpus with a Python script, and learns a vocabulary and a small model from the result."

  @Option(help: "Raw text of your own, one passage a line.") var text: String?
  @Option(help: "Passages with fewer words are left out.") var shortest = 4

  var body: Pipeline {
    let raw = text.map { stage("raw", ImportText(SourceFile($0))) } ?? stage("raw", SampleSentences(400))

    // The script lies beside this file. Its content is in the key, and the version of Python; its path is not.
    let clean = stage(
      "clean",
      Command<Corpus>(
        "python3", .script("clean.py"), .input(raw), .output, "--shortest=\(shortest)",
        probes: [["python3", "--version"]], timeout: .seconds(60)))

    let words = stage("vocabulary", TrainVocabulary(on: clean, size: 400))
    stage(
      "language",
      Pretrain(
        .bert(layers: 1, hidden: 16, heads: 1, positions: 64), vocabulary: words, on: clean, epochs: 1,
        learningRate: 1e-3, length: 32))
  }
}
