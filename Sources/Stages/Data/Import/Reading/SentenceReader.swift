import Artifacts
import Training

/// The sentences of a file with a word a line.
struct SentenceReader: ExampleSource {
  /// A sentence of more words is refused: then blank lines are missing.
  static let longest = 100_000

  private var lines: LineReader
  private let syntax: WordSyntax
  private let word: TaskColumn
  private let tag: TaskColumn
  private let targets: TargetReader
  private let comment: [UInt8]?
  /// The columns of the first word: all must have as many.
  private var width: Int?
  /// Numbers the documents.
  private var document = 0

  init(_ lines: LineReader, _ syntax: WordSyntax, word: TaskColumn, tag: TaskColumn, _ targets: TargetReader) {
    self.lines = lines
    self.syntax = syntax
    self.word = word
    self.tag = tag
    self.targets = targets
    comment = syntax.comment.map { Array($0.utf8) }
  }

  private struct Sentence {
    var words: [String] = []
    var tags: [String] = []
    var places: [Place] = []
    var document = 0
    var fault: RetortError?

    var isEmpty: Bool { words.isEmpty && fault == nil }
  }

  mutating func next() throws -> Result<TaskRow, RetortError>? {
    var sentence = Sentence(document: document)
    while let line = try lines.next() {
      if line.allSatisfy({ $0 == 32 || $0 == 9 }) {
        if sentence.isEmpty { continue }
        break
      }
      if let comment, line.starts(with: comment) { continue }
      if line.starts(with: "-DOCSTART-".utf8) {
        document += 1
        if !sentence.isEmpty { break }
        sentence.document = document
        continue
      }
      guard sentence.words.count < Self.longest else {
        throw RetortError(
          "data.long-sentence", "The sentence has more than \(Self.longest) words.",
          remedy: "Separate sentences by blank lines.", at: Place(file: lines.name, line: lines.number))
      }
      do throws(RetortError) {
        try read(line, into: &sentence)
      } catch {
        sentence.fault = sentence.fault ?? error
      }
    }
    return sentence.isEmpty ? nil : Result { () throws(RetortError) in try example(sentence) }
  }

  private mutating func read(_ line: [UInt8], into sentence: inout Sentence) throws(RetortError) {
    // A tab separates columns where there is one: then words may hold spaces.
    let isTabbed = line.contains(9)
    let columns = line.split(separator: isTabbed ? 9 : 32, omittingEmptySubsequences: !isTabbed)
    if syntax.skipsRanges, let id = columns.first, id.contains(where: { $0 == 45 || $0 == 46 }) { return }
    func fields(_ number: Int) -> String { number == 1 ? "1 column" : "\(number) columns" }
    guard columns.count == width ?? columns.count, columns.count > 1 else {
      throw RetortError(
        "data.fields",
        "There \(columns.count == 1 ? "is" : "are") \(fields(columns.count))"
          + (width.map { ", and the lines before have \($0)." } ?? ": a word and a tag are wanted."),
        remedy: "Give each line the same columns, and separate sentences by blank lines.",
        at: Place(file: lines.name, line: lines.number, column: line.count { $0 & 0xC0 != 0x80 } + 1))
    }
    width = columns.count
    let word = try field(word, of: columns, "word")
    let tag = try field(tag, of: columns, "tag")
    let place = Place(
      file: lines.name, line: lines.number, column: line[..<tag.startIndex].count { $0 & 0xC0 != 0x80 } + 1,
      field: "tag")
    let text = String(decoding: word, as: UTF8.self)
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw RetortError("data.empty-text", "The word is empty.", remedy: "Remove the line, or fill it.", at: place)
    }
    guard !tag.isEmpty else {
      throw RetortError("data.label", "The tag is empty.", remedy: "Tag every word; O is for no span.", at: place)
    }
    sentence.words.append(text)
    sentence.tags.append(String(decoding: tag, as: UTF8.self))
    sentence.places.append(place)
  }

  private func field(
    _ column: TaskColumn, of columns: [ArraySlice<UInt8>], _ option: String
  ) throws(RetortError) -> ArraySlice<UInt8> {
    let index =
      switch column {
      case .last: columns.count - 1
      case .number(let number): number - 1
      case .name: -1
      }
    guard columns.indices.contains(index) else {
      throw RetortError(
        "data.missing-column", "The line has \(columns.count) columns; number \(index + 1) is asked for.",
        remedy: "Give the right number with the option “\(option)”; the first column is 1.",
        at: Place(file: lines.name, line: lines.number))
    }
    return columns[index]
  }

  private func example(_ sentence: Sentence) throws(RetortError) -> TaskRow {
    if let fault = sentence.fault { throw fault }
    return TaskRow(
      words: sentence.words, target: try targets.tags(sentence.tags, at: sentence.places),
      group: syntax.keepsDocuments ? String(sentence.document) : nil, place: sentence.places[0],
      tagPlaces: sentence.places)
  }
}
