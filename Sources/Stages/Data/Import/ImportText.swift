import Declaring
import Training

/// Reads plain text files into a corpus.
public struct ImportText: Stage {
  public static let id = "data.import-text"
  public static let version = 1

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

  /// - Parameters:
  ///   - files: UTF-8 text, read in this order.
  ///   - dropsRepeated: keep only the first of equal passages.
  public init(_ files: [SourceFile], passages: Passages = .lines, dropsRepeated: Bool = false) {
    self.files = files
    self.passages = passages
    self.dropsRepeated = dropsRepeated
  }

  public init(_ file: SourceFile, passages: Passages = .lines, dropsRepeated: Bool = false) {
    self.init([file], passages: passages, dropsRepeated: dropsRepeated)
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(!files.isEmpty, "files", "There is no file to read.", remedy: "Name at least one text file.")
    return .unknown
  }

  public func run(_ context: StageContext) async throws -> Corpus {
    var result: [String] = []
    var seen: Set<String> = []
    for file in files {
      let text = try TextFile(reading: context.load(file), named: file.path.string)
      for passage in Self.cut(text.lines, into: passages) where !dropsRepeated || seen.insert(passage).inserted {
        result.append(passage)
      }
      try context.checkCancellation()
    }
    guard !result.isEmpty else {
      throw RetortError(
        "data.empty", "There is no text in it: every line is blank.", remedy: "Give a file with text.",
        at: Place(file: files.map(\.path.string).joined(separator: ", ")))
    }
    context.record("passages", Double(result.count))
    return try Corpus(writing: result, to: context.folder())
  }

  static func cut(_ lines: [String], into passages: Passages) -> [String] {
    let trimmed = lines.map { line in
      String(line.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
    switch passages {
    case .lines: return trimmed.filter { !$0.isEmpty }
    case .paragraphs: return trimmed.split { $0.isEmpty }.map { $0.joined(separator: " ") }
    }
  }
}
