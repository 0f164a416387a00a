import Artifacts
import Training

/// Turns rows into examples whose labels have numbers.
final class ExampleMaker {
  private let labels: [String]
  private let numbers: [String: Int]
  private let isRanked: Bool
  /// Numbers the queries of the file that is read, where they have no ids.
  private var queries: [UInt64: Int] = [:]

  /// - Parameter labels: the labels in order, as rows have them.
  init(labels: [String], isRanked: Bool) {
    self.labels = labels
    numbers = Dictionary(labels.enumerated().map { ($1, $0) }) { first, _ in first }
    self.isRanked = isRanked
  }

  /// Queries without ids are numbered for each file.
  func beginFile() { queries = [:] }

  /// - Throws: `data.unknown-label`.
  func example(_ row: TaskRow) throws(RetortError) -> LabelledExample {
    var example: LabelledExample
    switch row.target {
    case .label(let label):
      example = LabelledExample(row.text, pair: row.pair, target: .label(try number(of: label, at: row.place)))
    case .value(let value):
      example = LabelledExample(row.text, pair: row.pair, target: .value(value))
    case .tags(let tags):
      var indices: [Int] = []
      for (word, tag) in tags.enumerated() { indices.append(try number(of: tag, at: row.tagPlaces[word])) }
      example = LabelledExample(words: row.words, tags: indices)
    }
    if isRanked { example.group = row.group ?? number(ofQuery: row.text) }
    return example
  }

  private func number(of label: String, at place: Place) throws(RetortError) -> Int {
    guard let number = numbers[label] else { throw TargetReader.unknown(label, labels, at: place) }
    return number
  }

  private func number(ofQuery text: String) -> String {
    let hash = TextHash.exact(text)
    let number = queries[hash] ?? queries.count + 1
    queries[hash] = number
    return String(number)
  }
}
