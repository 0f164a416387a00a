import Artifacts

extension WordVectors {
  /// Reads vectors in GloVe's text format: a word and its numbers a line, separated by spaces. The first line may be two
  /// whole numbers, those of words and of dimensions, as word2vec writes them. Of equal words the first counts.
  ///
  /// - Parameters:
  ///   - name: what errors call the file.
  ///   - limit: how many of the first words are taken.
  /// - Throws: `file.missing`, `file.unreadable`; `data.vectors` with the line that does not fit.
  public init(reading path: FilePath, named name: String? = nil, limit: Int = standardLimit) throws {
    let shown = name ?? path.string
    var reader = Reader(name: shown, limit: limit)
    do {
      let file = try OpenFile(path, .reading)
      var (offset, rest) = (0, [UInt8]())
      while !reader.isFull {
        let chunk = try file.read(1 << 20, at: offset)
        offset += chunk.count
        rest += chunk
        try reader.takeLines(of: &rest, isLast: chunk.isEmpty)
        if chunk.isEmpty { break }
      }
    } catch var error as RetortError {
      if error.code != "data.vectors" { error.place.file = shown }
      if error.remedy.isEmpty { error.remedy = "Check the path." }
      throw error
    }
    self = try reader.vectors()
  }

  /// Reads bytes in the same format.
  ///
  /// - Throws: `data.vectors`.
  public init(bytes: [UInt8], named name: String, limit: Int = standardLimit) throws {
    var reader = Reader(name: name, limit: limit)
    var rest = bytes
    try reader.takeLines(of: &rest, isLast: true)
    self = try reader.vectors()
  }
}

/// Vectors while their file is being read.
private struct Reader {
  let name: String
  let limit: Int
  private var words: [String] = []
  private var known: Set<String> = []
  private var values: [Float] = []
  /// Numbers a word; 0 before the first.
  private var dimensions = 0
  private var line = 0

  init(name: String, limit: Int) { (self.name, self.limit) = (name, limit) }

  var isFull: Bool { words.count >= limit }

  func vectors() throws -> WordVectors {
    guard !words.isEmpty else { throw fault("there is no vector in it") }
    return WordVectors(words: words, values: values, dimensions: dimensions)
  }

  /// Takes whole lines off the front; with `isLast` also a line without an end.
  mutating func takeLines(of bytes: inout [UInt8], isLast: Bool) throws {
    var start = 0
    while !isFull, start < bytes.count {
      guard let feed = bytes[start...].firstIndex(of: 10) ?? (isLast ? bytes.count : nil) else { break }
      line += 1
      let end = feed > start && bytes[feed - 1] == 13 ? feed - 1 : feed
      if end > start { try take(bytes[start..<end]) }
      start = min(feed + 1, bytes.count)
    }
    bytes.removeSubrange(..<start)
  }

  private mutating func take(_ line: ArraySlice<UInt8>) throws {
    let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
    if dimensions == 0 {
      guard fields.count >= 2 else { throw fault("the line has no numbers after its word") }
      dimensions = fields.count - 1
      let isHeader =
        self.line == 1 && fields.count == 2 && fields.allSatisfy { $0.allSatisfy { (48...57).contains($0) } }
      if isHeader, let given = Int(String(decoding: fields[1], as: UTF8.self)), given > 0 {
        dimensions = given
        return
      }
    }
    // Some words of published files have spaces in them.
    guard fields.count > dimensions else {
      throw fault("the line has \(fields.count - 1) numbers, the first one has \(dimensions)")
    }
    let bytes = Array(fields.dropLast(dimensions).joined(separator: [UInt8(ascii: " ")]))
    guard let word = String(validating: bytes, as: UTF8.self) else { throw fault("the word is not UTF-8") }
    let numbers = try fields.suffix(dimensions).map { field in
      guard let value = Float(String(decoding: field, as: UTF8.self)), value.isFinite else {
        throw fault("“\(String(decoding: field.prefix(40), as: UTF8.self))” is no finite number")
      }
      return value
    }
    guard known.insert(word).inserted else { return }
    words.append(word)
    values += numbers
  }

  private func fault(_ reason: String) -> RetortError {
    RetortError(
      "data.vectors", "These are no word vectors: \(reason).",
      remedy: "Give a text file with a word and its numbers a line, separated by spaces.",
      at: Place(file: name, line: max(1, line)))
  }
}
