import Artifacts

// A file of predictions: tab-separated values under a header, a row an example.
//
//   index label prediction logits          a class each, by number; logits with spaces between
//   index label prediction                 values; or tags with spaces between, a row a sentence
//   index query label prediction           candidates: grade and score
extension TaskPredictions {
  /// The bytes of the file.
  public var file: [UInt8] {
    var lines: [String] = []
    switch rows {
    case .classes(let logits, let labels):
      lines = ["index\tlabel\tprediction\tlogits"]
      for (index, row) in logits.enumerated() {
        let numbers = row.map { "\($0)" }.joined(separator: " ")
        lines.append("\(index)\t\(labels[index])\t\(Self.largest(row))\t\(numbers)")
      }
    case .values(let answers, let targets):
      lines = ["index\tlabel\tprediction"]
      for index in answers.indices { lines.append("\(index)\t\(targets[index])\t\(answers[index])") }
    case .tags(let answers, let targets):
      lines = ["index\tlabel\tprediction"]
      for index in answers.indices {
        lines.append("\(index)\t\(Self.words(targets[index]))\t\(Self.words(answers[index]))")
      }
    case .candidates(let scores, let grades, let queries):
      lines = ["index\tquery\tlabel\tprediction"]
      for index in scores.indices {
        lines.append("\(index)\t\(Self.field(queries[index]))\t\(grades[index])\t\(scores[index])")
      }
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private static func words(_ tags: [String]) -> String {
    tags.map { $0.isEmpty ? "_" : $0.replacing(" ", with: "_").replacing("\t", with: "_") }.joined(separator: " ")
  }

  private static func field(_ text: String) -> String {
    text.replacing("\t", with: " ").replacing("\n", with: " ").replacing("\r", with: " ")
  }

  /// Reads a file that `file` gave.
  ///
  /// - Parameters: labels, missed: what the file does not hold.
  /// - Throws: `predictions.unreadable` with the line; errors of reading.
  public init(
    reading path: FilePath, form: TaskForm, labels: [String], missed: [String: [Double]] = [:]
  ) throws {
    let file = try TextFile(reading: path)
    let width = form == .classification || form == .ranking ? 4 : 3
    let rows = try file.lines.enumerated().dropFirst().map { index, line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == width else { throw Self.fault("it has \(fields.count) fields, not \(width)", file, index) }
      return fields
    }
    func number<Value: LosslessStringConvertible>(_ text: String, _ row: Int) throws -> Value {
      guard let value = Value(text) else { throw Self.fault("“\(text)” is no number", file, row + 1) }
      return value
    }
    func numbers(_ column: Int) throws -> [Double] {
      try rows.enumerated().map { try number($1[column], $0) }
    }
    switch form {
    case .classification:
      let logits: [[Float]] = try rows.enumerated().map { index, fields in
        try fields[3].split(separator: " ").map { try number(String($0), index) }
      }
      self.init(.classes(logits: logits, labels: try rows.enumerated().map { try number($1[1], $0) }), labels: labels)
    case .regression: self.init(.values(answers: try numbers(2), targets: try numbers(1)))
    case .tagging:
      func tags(_ column: Int) -> [[String]] { rows.map { $0[column].split(separator: " ").map(String.init) } }
      self.init(.tags(answers: tags(2), targets: tags(1)), labels: labels)
    case .ranking:
      self.init(
        .candidates(scores: try numbers(3), grades: try numbers(2), queries: rows.map { $0[1] }), missed: missed)
    }
  }

  private static func fault(_ reason: String, _ file: TextFile, _ index: Int) -> RetortError {
    RetortError(
      "predictions.unreadable", "The line is no prediction: \(reason).", remedy: "Evaluate the model again.",
      at: Place(file: file.name, line: index + 1))
  }
}
