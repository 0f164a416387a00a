import Artifacts
import Training

extension TaskFormat {
  /// Reads a file's examples for a model that exists: labels have the numbers of that model.
  ///
  /// - Parameters:
  ///   - name: what errors call the file; nil for its path.
  ///   - labels: the model's labels in order; empty for numbers. A label of the file counts by its name in the format, or by
  ///     itself.
  ///   - body: gets each example in turn.
  /// - Throws: as an import does, such as `data.unknown-label` for a label that the model does not have.
  public func forEachExample(
    in path: FilePath, named name: String? = nil, labels: [String], _ body: (LabelledExample) throws -> Void
  ) throws {
    let output = ExampleMaker(labels: labels, isRanked: target == .grade)
    let names = Dictionary((self.labels ?? []).map { ($0.value, $0.name) }) { first, _ in first }
    var reader = try TaskReader(LineReader(reading: path, named: name, encoding: encoding), format: self)
    try reader.forEach { row in
      var row = row
      if case .label(let label) = row.target { row.target = .label(names[label] ?? label) }
      try body(try output.example(row))
    }
  }
}
