import Artifacts
import Training

/// Reads a task's file example by example.
struct TaskReader<Kind: TaskKind> {
  /// What errors call the file.
  let name: String
  /// Rows that were left out because of their number of fields.
  var skipped: Int { source.skipped }
  /// Examples that were left out because their text is empty.
  private(set) var empty = 0
  private var source: any ExampleSource
  private let isOfSentences: Bool
  private let skipsEmpty: Bool

  /// Takes a file that was opened with the format's encoding.
  ///
  /// - Throws: where the header lacks a column.
  init(_ lines: LineReader, format: TaskFormat<Kind>) throws {
    name = lines.name
    skipsEmpty = format.skipsEmptyTexts
    let targets = TargetReader(format)
    var isOfSentences = false
    switch format.syntax {
    case .table(let syntax): source = try TableExamples(lines, syntax, format, targets)
    case .jsonLines: source = JSONExamples(lines, format, targets)
    case .labelledLines(let end): source = LabelledLines(lines, upTo: end)
    case .words(let syntax):
      source = SentenceReader(lines, syntax, word: format.text, tag: format.label, targets)
      isOfSentences = true
    }
    self.isOfSentences = isOfSentences
  }

  /// Gives each example to `body`.
  ///
  /// - Throws: one fault as it is; of several, among them those that `body` throws, the first with a list of the others.
  mutating func forEach(_ body: (TaskRow) throws -> Void) throws {
    var faults = FaultList()
    var count = 0
    do {
      while !faults.isFull, let row = try source.next() {
        if skipsEmpty, case .failure(let fault) = row, fault.code == "data.empty-text" {
          empty += 1
          continue
        }
        count += 1
        do { try body(try row.get()) } catch let fault as RetortError where fault.blame == .input { faults.add(fault) }
      }
    } catch let fault as RetortError where fault.blame == .input {
      faults.add(fault)
    }
    try faults.check()
    guard count > 0 else {
      throw RetortError(
        "data.empty", "There are no examples in it.",
        remedy: isOfSentences ? "Give a file with a word and its tag a line." : "Give a file with one example a line.",
        at: Place(file: name))
    }
  }
}

/// Something that examples are read from.
protocol ExampleSource {
  /// Rows that were left out because of their number of fields.
  var skipped: Int { get }
  /// The next example, or what is wrong with it; nil after the last.
  ///
  /// - Throws: where nothing more can be read.
  mutating func next() throws -> Result<TaskRow, RetortError>?
}

extension ExampleSource {
  var skipped: Int { 0 }
}

/// The faults of a file, as many as are worth reading at once.
struct FaultList {
  private var faults: [RetortError] = []
  static let most = 10

  var isFull: Bool { faults.count == Self.most }

  mutating func add(_ fault: RetortError) { faults.append(fault) }

  /// - Throws: the first fault; its sentence lists the others with their places.
  func check() throws {
    guard var first = faults.first else { return }
    if faults.count > 1 {
      let others = faults.dropFirst().map { fault in
        let place = [fault.place.line, fault.place.column].compactMap { $0.map(String.init) }.joined(separator: ":")
        return (place.isEmpty ? "" : "at \(place): ") + fault.message
      }
      first.message += " There \(others.count == 1 ? "is 1 fault" : "are \(others.count) faults") more"
      first.message += isFull ? ", at least: " : ": "
      first.message += others.joined(separator: " ")
    }
    throw first
  }
}
