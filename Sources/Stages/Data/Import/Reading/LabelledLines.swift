import Artifacts
import Training

/// The examples of a file with a label, a space and a text a line.
struct LabelledLines: ExampleSource {
  private var lines: LineReader
  private let upTo: [UInt8]?

  init(_ lines: LineReader, upTo end: String?) {
    self.lines = lines
    upTo = end.map { Array($0.utf8) }
  }

  mutating func next() throws -> Result<TaskRow, RetortError>? {
    while let line = try lines.next() {
      guard line.contains(where: { $0 != 32 && $0 != 9 }) else { continue }
      return Result { () throws(RetortError) in try example(line) }
    }
    return nil
  }

  private func example(_ line: [UInt8]) throws(RetortError) -> TaskRow {
    func place(_ column: Int, _ field: String) -> Place {
      Place(file: lines.name, line: lines.number, column: column, field: field)
    }
    guard let space = line.firstIndex(of: 32), space > 0 else {
      throw RetortError(
        "data.label", "The line has no label before a space.", remedy: "Write a label, a space and a text a line.",
        at: place(1, "label"))
    }
    var label = line[..<space]
    if let upTo, let end = label.indices.first(where: { label[$0...].starts(with: upTo) }) { label = label[..<end] }
    guard !label.isEmpty else {
      throw RetortError("data.label", "The label is empty.", remedy: "Label every example.", at: place(1, "label"))
    }
    let column = line[...space].count { $0 & 0xC0 != 0x80 } + 1
    let text = try TaskRow.filled(
      String(decoding: line[(space + 1)...], as: UTF8.self), at: place(column, "text"))
    return TaskRow(text: text, target: .label(String(decoding: label, as: UTF8.self)), place: place(1, "label"))
  }
}
