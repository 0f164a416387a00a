import ArgumentParser
import Models
import Retort

/// What all measurements of a model take.
struct BenchOptions: ParsableArguments {
  @Option(help: "A BERT checkpoint's folder.") var model: String
  @Option(help: "Sentences: a TSV with a column “sentence”, or a text file with one a line.") var data: String
  @Option(help: "How many of them, from the start.") var sentences = 1_024
  @Option(help: "Sentences a batch.") var batch = 32
  @Option(help: "shuffled; bucketed: batches of like lengths; or file: as they stand.") var order = Order.shuffled
  @Option(help: "Threads to compute with. (default: all cores)") var threads = Machine.cores
  @Option(help: "Timed passes, after one that is not counted; medians are given.") var rounds = 5
  @Option(help: "Longer sentences are cut to this many tokens.") var length = 128
  @OptionGroup var output: JSONOption

  enum Order: String, ExpressibleByArgument, CaseIterable { case shuffled, bucketed, file }

  mutating func validate() throws {
    for (name, value) in [("sentences", sentences), ("batch", batch), ("threads", threads), ("rounds", rounds)]
    where value < 1 { throw ValidationError("--\(name) must be at least 1, and is \(value).") }
    guard length >= 3 else { throw ValidationError("--length must be at least 3, and is \(length).") }
  }
}

/// The sentences of a measurement.
struct BenchSentences {
  var texts: [String]
  /// The column “label” where it holds whole numbers; else 0.
  var labels: [Int32]

  /// - Throws: `file.missing` and the like; `bench.empty`.
  init(_ options: BenchOptions) throws {
    let file = try TextFile(reading: FilePath(options.data))
    let header = file.lines.first?.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) ?? []
    texts = []
    labels = []
    if let column = header.firstIndex(of: "sentence") {
      let label = header.firstIndex(of: "label")
      for line in file.lines.dropFirst().prefix(options.sentences) {
        let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard cells.indices.contains(column) else { continue }
        texts.append(cells[column].trimmed)
        labels.append(label.flatMap { cells.indices.contains($0) ? Int32(cells[$0]) : nil } ?? 0)
      }
    } else {
      texts = file.lines.lazy.filter { !$0.isEmpty }.prefix(options.sentences).map { $0 }
      labels = texts.map { _ in 0 }
    }
    guard !texts.isEmpty else {
      throw RetortError(
        "bench.empty", "There are no sentences in this file.", remedy: "Give one a line, or a column “sentence”.",
        at: Place(file: options.data))
    }
  }

  /// Encoded by the model's tokenizer.
  func encoded(by tokenizer: some Tokenizer, length: Int) throws -> EncodedTexts {
    try EncodedTexts(texts.map { LabelledExample($0) }, by: tokenizer, longest: length)
  }
}

extension EncodedTexts {
  /// The batches of one pass: a fixed shuffle, or like lengths together and the batches shuffled.
  func batches(of size: Int, order: BenchOptions.Order, seed: UInt64 = 7) -> [[Int]] {
    var places =
      order == .file
      ? Array(0..<count) : BatchOrder(examples: count, batchSize: size, seed: seed).permutation(epoch: 0)
    if order == .bucketed { places.sort { (ids[$0].count, $0) < (ids[$1].count, $1) } }
    let batches = stride(from: 0, to: places.count, by: size).map { Array(places[$0..<min($0 + size, places.count)]) }
    guard order == .bucketed else { return batches }
    return BatchOrder(examples: batches.count, batchSize: 1, seed: seed).permutation(epoch: 1).map { batches[$0] }
  }
}
