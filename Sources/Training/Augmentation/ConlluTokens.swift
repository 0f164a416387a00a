import Artifacts

/// The words of a treebank in the format CoNLL-U, with their parts of speech.
///
/// Source: the format's description by Universal Dependencies (CoNLL-U, version 2). Comments and empty nodes (`8.1`) are
/// passed over. A multiword token (`29-30 didn't`) is a word too: its tag is those of its parts joined, `AUX+PART`.
public enum ConlluTokens {
  /// Which column holds the tags.
  public enum Tags: String, Sendable, Hashable, Codable {
    /// UPOS: the 17 universal parts of speech.
    case universal
    /// XPOS: the treebank's own, finer tags; not all treebanks have them.
    case treebank
  }

  /// Calls `body` with each word and its tag, in order; words without a tag (`_`) are left out.
  ///
  /// - Throws: `data.conllu` with the line of what does not fit the format.
  public static func forEach(
    in file: TextFile, tags: Tags, _ body: (_ word: String, _ tag: String) throws -> Void
  ) throws {
    var sentence = Sentence(tags: tags)
    for (index, line) in file.lines.enumerated() {
      do {
        if line.allSatisfy(\.isWhitespace) {
          try sentence.finish()
        } else if !line.hasPrefix("#") {
          try sentence.add(line, body)
        }
      } catch let fault as LineFault {
        throw RetortError(
          "data.conllu", "The line is no CoNLL-U: \(fault.reason).",
          remedy: "Give a file of ten tab-separated columns a word and an empty line after each sentence.",
          at: Place(file: file.name, line: index + 1))
      }
    }
    do {
      try sentence.finish()
    } catch let fault as LineFault {
      throw RetortError(
        "data.conllu", "The file ends too early: \(fault.reason).", remedy: "Give the whole file.",
        at: Place(file: file.name, line: file.lines.count))
    }
  }

  private struct LineFault: Error {
    var reason: String
  }

  /// What is known of the sentence that is being read.
  private struct Sentence {
    let tags: Tags
    private var words = 0
    /// A multiword token whose parts follow.
    private var open: (form: String, last: Int, tags: [String])?

    init(tags: Tags) { self.tags = tags }

    mutating func add(_ line: String, _ body: (String, String) throws -> Void) throws {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 10 else { throw LineFault(reason: "it has \(fields.count) fields, not 10") }
      let (id, form) = (fields[0], String(fields[1]))
      guard !form.isEmpty else { throw LineFault(reason: "the word is empty") }
      if id.contains(".") {
        let parts = id.split(separator: ".", omittingEmptySubsequences: false).map(Self.number)
        guard parts.count == 2, parts[0] == words, let node = parts[1], node > 0 else {
          throw LineFault(reason: "the empty node “\(id)” does not follow word \(words)")
        }
      } else if id.contains("-") {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false).map(Self.number)
        guard open == nil, parts.count == 2, parts[0] == words + 1, let last = parts[1], last > words else {
          throw LineFault(reason: "the words “\(id)” do not follow word \(words)")
        }
        open = (form, last, [])
      } else {
        guard Self.number(id) == words + 1 else {
          throw LineFault(reason: "“\(id)” is not the number of the next word, \(words + 1)")
        }
        words += 1
        try word(form, tag: String(fields[tags == .universal ? 3 : 4]), body)
      }
    }

    private mutating func word(_ form: String, tag: String, _ body: (String, String) throws -> Void) throws {
      guard !tag.isEmpty else { throw LineFault(reason: "the tag is empty") }
      if tag != "_" { try body(form, tag) }
      guard let token = open else { return }
      open?.tags.append(tag)
      guard words == token.last else { return }
      open = nil
      let tags = token.tags + [tag]
      if !tags.contains("_") { try body(token.form, tags.joined(separator: "+")) }
    }

    mutating func finish() throws {
      if let open {
        throw LineFault(
          reason: "the multiword token “\(open.form)” goes to word \(open.last), the sentence to \(words)")
      }
      words = 0
    }

    /// A number written in digits alone.
    private static func number(_ text: Substring) -> Int? {
      text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }
  }
}
