import Artifacts
import Models
import Training

/// The passages of a BEIR corpus: where each lies in the file, so that their texts need no memory.
struct BEIRCorpus {
  private let name: String
  private let copy: FilePath
  private let file: OpenFile
  /// Where each passage's line begins, and where the last one ends.
  private var offsets: [Int] = []
  private(set) var numbers: [String: Int32] = [:]
  private(set) var index: BM25Index

  var count: Int { offsets.count }

  /// Reads `corpus.jsonl`: one object a line with `_id`, `text` and perhaps `title`.
  init(reading copy: FilePath, named name: String, _ options: BM25Options, checking check: () throws -> Void) throws {
    self.name = name
    self.copy = copy
    file = try OpenFile(copy, .reading)
    index = BM25Index(options)
    var offsets: [Int] = []
    var (numbers, index) = ([String: Int32](), BM25Index(options))
    var lines = BEIRLines(try LineReader(reading: copy, named: name))
    try lines.forEach(fields: ["_id", "text"]) { object, place, offset in
      let id = object["_id"]?.text ?? ""
      guard numbers.updateValue(Int32(offsets.count), forKey: id) == nil else {
        throw RetortError(
          "data.duplicate-id", "The passage “\(id.clipped)” is there twice.", remedy: "Give each passage its own id.",
          at: place
        )
      }
      offsets.append(offset)
      index.add(Self.text(object))
      if offsets.count % 10_000 == 0 { try check() }
    }
    (self.offsets, self.numbers, self.index) = (offsets, numbers, index)
  }

  /// Title and text of a passage, with a space between.
  func text(_ passage: Int) throws -> String {
    let start = offsets[passage]
    var bytes: [UInt8] = []
    // Most passages are shorter than this.
    var size = 4_096
    while true {
      let more = try file.read(size, at: start + bytes.count)
      if let end = more.firstIndex(of: 10) {
        bytes += more[..<end]
        break
      }
      bytes += more
      if more.count < size { break }
      size *= 4
    }
    return Self.text((try? JSONValue(parsing: bytes)) ?? .null)
  }

  private static func text(_ object: JSONValue) -> String {
    let (title, text) = (object["title"]?.text ?? "", object["text"]?.text ?? "")
    return title.isEmpty ? text : text.isEmpty ? title : "\(title) \(text)"
  }
}

/// The queries of a BEIR folder.
struct BEIRQueries {
  private(set) var texts: [String: String] = [:]

  /// Reads `queries.jsonl`: one object a line with `_id` and `text`.
  init(_ lines: LineReader) throws {
    var texts: [String: String] = [:]
    var lines = BEIRLines(lines)
    try lines.forEach(fields: ["_id", "text"]) { object, place, _ in
      let (id, text) = (object["_id"]?.text ?? "", object["text"]?.text ?? "")
      _ = try TaskRow.filled(text, at: place)
      guard texts.updateValue(text, forKey: id) == nil else {
        throw RetortError(
          "data.duplicate-id", "The query “\(id.clipped)” is there twice.", remedy: "Give each query its own id.",
          at: place)
      }
    }
    self.texts = texts
  }
}

/// Lines of JSON objects that must have some texts.
struct BEIRLines {
  private var lines: LineReader

  init(_ lines: LineReader) { self.lines = lines }

  /// Gives each object to `body`, with its place and its line's offset; faults are noted as in `TaskReader`.
  mutating func forEach(fields: [String], _ body: (JSONValue, Place, Int) throws -> Void) throws {
    var faults = FaultList()
    var count = 0
    do {
      while !faults.isFull, let line = try lines.next() {
        guard line.contains(where: { $0 != 32 && $0 != 9 }) else { continue }
        count += 1
        let place = Place(file: lines.name, line: lines.number)
        do {
          let object = try JSONLine.object(line, lines, like: "{\"_id\": \"…\", \"text\": \"…\"}")
          for field in fields where object[field]?.text == nil {
            throw RetortError(
              "data.missing-column",
              object[field] == nil ? "The field “\(field)” is missing." : "The field “\(field)” is no string.",
              remedy: "Give it in every line.", at: Place(file: lines.name, line: lines.number, field: field))
          }
          try body(object, place, lines.offset)
        } catch let fault as RetortError where fault.blame == .input {
          faults.add(fault)
        }
      }
    } catch let fault as RetortError where fault.blame == .input {
      faults.add(fault)
    }
    try faults.check()
    guard count > 0 else {
      throw RetortError(
        "data.empty", "There is nothing in it.", remedy: "Give one JSON object a line.", at: Place(file: lines.name))
    }
  }
}

/// The judgements of one part: `query-id`, `corpus-id` and `score`, separated by tabs under a header.
struct BEIRJudgements {
  /// Query ids in the order in which the file has them.
  private(set) var queries: [String] = []
  /// For each query its judged passages in the file's order.
  private(set) var judged: [String: [Judgement]] = [:]

  struct Judgement: Equatable {
    var passage: Int
    var grade: Double
  }

  /// - Parameters:
  ///   - passages: the passages' numbers by id.
  ///   - knowsQuery: whether there is a query of that id.
  init(_ lines: LineReader, passages: [String: Int32], knowsQuery: (String) -> Bool) throws {
    let name = lines.name
    let format = TaskFormat<Ranking>.tsv(query: "query-id", candidate: "corpus-id", grade: "score")
    var reader = try TaskReader(lines, format: format)
    var (queries, judged) = ([String](), [String: [Judgement]]())
    var seen: Set<[String]> = []
    try reader.forEach { row in
      let (query, passage) = (row.text, row.pair ?? "")
      func fault(_ code: RetortError.Code, _ message: String, _ remedy: String, _ field: String) -> RetortError {
        RetortError(code, message, remedy: remedy, at: Place(file: name, line: row.place.line, field: field))
      }
      guard knowsQuery(query) else {
        throw fault(
          "data.unknown-id", "There is no query “\(query.clipped)”.", "Remove the line, or add the query.", "query-id")
      }
      guard let number = passages[passage] else {
        throw fault(
          "data.unknown-id", "There is no passage “\(passage.clipped)”.", "Remove the line, or add the passage.",
          "corpus-id")
      }
      guard seen.insert([query, passage]).inserted else {
        throw fault(
          "data.duplicate-id", "The passage “\(passage.clipped)” is judged twice for the query “\(query.clipped)”.",
          "Keep one of the lines.", "corpus-id")
      }
      guard case .value(let grade) = row.target else { return }
      if judged[query] == nil { queries.append(query) }
      judged[query, default: []].append(Judgement(passage: Int(number), grade: grade))
    }
    (self.queries, self.judged) = (queries, judged)
  }
}
