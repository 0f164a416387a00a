import ArgumentParser
import Models
import Retort

/// Encoding of texts on one core.
struct BenchTokenizeCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Time the encoding of sentences on one core.")

  @OptionGroup var options: BenchOptions

  func execute() async throws -> ProgramStatus {
    let sentences = try BenchSentences(options)
    let tokenizer = try TokenizerFolder.read(FilePath(options.model))
    func encode(_ texts: ArraySlice<String>) throws -> Int {
      try texts.reduce(0) { $0 + (try tokenizer.encode($1).count) }
    }
    let tokens = try encode(sentences.texts[...])
    let texts = sentences.texts
    let starts = Array(stride(from: 0, to: texts.count, by: options.batch))
    var (passes, latencies): ([Double], [Double]) = ([], [])
    for _ in 0..<options.rounds {
      let each = try starts.map { start in
        try seconds { _ = try encode(texts[start..<min(start + options.batch, texts.count)]) }
      }
      passes.append(each.reduce(0, +))
      latencies += each
    }
    let figures = BenchFigures(
      passes: passes, latencies: latencies.sorted(), sentences: texts.count, tokens: tokens, operationsPerToken: nil,
      peak: nil, threads: 1, peakMemory: PeakMemory.bytes)
    figures.print("encoding", options.output)
    return .fine
  }
}
