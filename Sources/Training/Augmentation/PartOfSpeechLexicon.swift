import Artifacts

/// The most frequent part of speech of each word: a tagger without context.
///
/// Picking a word's most frequent tag is the usual baseline of tagging (Charniak et al. 1993): about nine words of ten are
/// right, and those that are not still have that tag in other contexts.
public struct PartOfSpeechLexicon: Sendable {
  private let tags: [String: String]
  /// Tags of words in lower case, counted over all their spellings.
  private let lowered: [String: String]

  /// - Parameter words: words with their tags, in running text or in a list; repeated ones are counted.
  public init(_ words: some Sequence<(word: String, tag: String)>) {
    var counts = Counts()
    for (word, tag) in words { counts.add(word, tag) }
    self.init(counts)
  }

  private init(_ counts: Counts) {
    tags = counts.spelled.mapValues(Counts.mostFrequent)
    lowered = counts.lowered.mapValues(Counts.mostFrequent)
  }

  /// Counts the words of a treebank.
  ///
  /// - Throws: `data.conllu` with the line; `data.empty` for a file without tagged words.
  public init(conllu file: TextFile, tags: ConlluTokens.Tags = .universal) throws {
    var counts = Counts()
    try ConlluTokens.forEach(in: file, tags: tags) { counts.add($0, $1) }
    try counts.requireWords(file.name)
    self.init(counts)
  }

  /// Reads a table: a word, a tab and its tag in each line; empty lines are passed over.
  ///
  /// - Throws: `data.fields` with the line; `data.empty` for a file without tagged words.
  public init(table file: TextFile) throws {
    var counts = Counts()
    for (index, line) in file.lines.enumerated() where !line.isEmpty {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 2, fields.allSatisfy({ !$0.allSatisfy(\.isWhitespace) }) else {
        throw RetortError(
          "data.fields", "The line is not a word, a tab and its part of speech.",
          remedy: "Write two columns without a header, such as “film”, a tab, “NOUN”.",
          at: Place(file: file.name, line: index + 1))
      }
      counts.add(String(fields[0]), String(fields[1]))
    }
    try counts.requireWords(file.name)
    self.init(counts)
  }

  /// Spellings that are known.
  public var count: Int { tags.count }

  /// The tag of a word as it is spelled, else in any case; nil for an unknown word.
  public subscript(word: String) -> String? { tags[word] ?? lowered[word.lowercased()] }

  private struct Counts {
    var spelled: [String: [String: Int]] = [:]
    var lowered: [String: [String: Int]] = [:]

    mutating func add(_ word: String, _ tag: String) {
      spelled[word, default: [:]][tag, default: 0] += 1
      lowered[word.lowercased(), default: [:]][tag, default: 0] += 1
    }

    func requireWords(_ name: String) throws {
      guard spelled.isEmpty else { return }
      throw RetortError(
        "data.empty", "There are no words with parts of speech in it.",
        remedy: "Give a file with tags, or choose the column that has them.", at: Place(file: name))
    }

    /// Of equally frequent tags the first by its bytes.
    static func mostFrequent(_ tags: [String: Int]) -> String {
      tags.max { left, right in
        left.value != right.value ? left.value < right.value : right.key.utf8.lexicographicallyPrecedes(left.key.utf8)
      }?.key ?? ""
    }
  }
}
