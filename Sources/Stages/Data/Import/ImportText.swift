import Declaring
import Training

/// Reads plain text files into a corpus.
public struct ImportText: Stage {
  public static let id = "data.import-text"
  public static let version = 2

  /// What becomes one passage.
  public enum Passages: String, Sendable, Codable {
    /// Every line that is not blank.
    case lines
    /// The lines between blank ones, joined.
    case paragraphs
  }

  var files: [SourceFile]
  var passages: Passages
  var dropsRepeated: Bool
  var encoding: TextEncoding
  /// How many passages are taken, from the first on; nil for all.
  var limit: Int?

  /// - Parameters:
  ///   - files: text, read in this order.
  ///   - dropsRepeated: keep only the first of equal passages.
  ///   - limit: how many passages are taken, from the first on; nil for all.
  public init(
    _ files: [SourceFile], passages: Passages = .lines, dropsRepeated: Bool = false, encoding: TextEncoding = .utf8,
    limit: Int? = nil
  ) {
    self.files = files
    self.passages = passages
    self.dropsRepeated = dropsRepeated
    self.encoding = encoding
    self.limit = limit
  }

  public init(
    _ file: SourceFile, passages: Passages = .lines, dropsRepeated: Bool = false, encoding: TextEncoding = .utf8,
    limit: Int? = nil
  ) {
    self.init([file], passages: passages, dropsRepeated: dropsRepeated, encoding: encoding, limit: limit)
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(!files.isEmpty, "files", "There is no file to read.", remedy: "Name at least one text file.")
    if let limit {
      forecast.require(
        limit > 0, "limit", "\(limit) passages are asked for.", remedy: "Take one at least, or nil for all.")
    }
    return .unknown
  }

  public func run(_ context: StageContext) async throws -> Corpus {
    let corpus = try CorpusWriter(to: context.folder())
    var seen: Set<Digest> = []
    func append(_ passage: String) throws {
      if let limit, corpus.count >= limit { return }
      if dropsRepeated, !seen.insert(Digest(of: passage.utf8)).inserted { return }
      try corpus.append(passage)
    }
    for file in files where limit.map({ corpus.count < $0 }) ?? true {
      var lines = try LineReader(reading: context.load(file), named: file.path.string, encoding: encoding)
      var paragraph: [String] = []
      while let line = try lines.nextText().map(Self.trimmed) {
        if passages == .paragraphs, !line.isEmpty {
          paragraph.append(line)
        } else if !paragraph.isEmpty {
          try append(paragraph.joined(separator: " "))
          paragraph = []
        } else if !line.isEmpty {
          try append(line)
        }
        if let limit, corpus.count >= limit { break }
        if lines.number % 10_000 == 0 { try context.checkCancellation() }
      }
      if !paragraph.isEmpty { try append(paragraph.joined(separator: " ")) }
      try context.checkCancellation()
    }
    guard corpus.count > 0 else {
      throw RetortError(
        "data.empty", "There is no text in it: every line is blank.", remedy: "Give a file with text.",
        at: Place(file: files.map(\.path.string).joined(separator: ", ")))
    }
    context.record("passages", Double(corpus.count))
    return try corpus.finish()
  }

  private static func trimmed(_ line: String) -> String {
    func isInk(_ byte: UInt8?) -> Bool { byte.map { (33..<127).contains($0) } ?? false }
    // Most lines are trimmed already, which their bytes say faster than their characters.
    if isInk(line.utf8.first), isInk(line.utf8.last) { return line }
    return String(line.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
