/// How tags mark spans of words. Whatever the file has, data and models have IOB2, the form of the field's metrics.
public enum TagScheme: String, Sendable, Codable {
  /// No spans: a tag stands for its word alone, as parts of speech do.
  case plain
  /// `B-` begins each span, `I-` goes on (Ratnaparkhi 1998).
  case iob2
  /// `I-` is in a span; `B-` begins one only after another of the same type (Ramshaw and Marcus 1995).
  case iob1
  /// As `iob2`, with `E-` for the last word of a span and `S-` for the only one; also `L-` and `U-` (BILOU).
  case bioes
}

/// Why a tag cannot stand where it stands.
struct TagFault: Error, Equatable {
  /// The word, from 0.
  var word: Int
  var reason: String
  var remedy: String
}

extension TagScheme {
  /// A sentence's tags in IOB2; as they are where they mark no spans.
  func converted(_ tags: [String]) throws(TagFault) -> [String] {
    guard self != .plain else { return tags }
    var result: [String] = []
    // The span that the last word belongs to, and whether it may end there.
    var open: (type: Substring, mayEnd: Bool)?
    for (word, tag) in tags.enumerated() {
      guard let (mark, type) = try part(tag, word) else {
        try end(open, word)
        open = nil
        result.append("O")
        continue
      }
      let goesOn = open?.type == type
      switch mark {
      case "B", "S":
        try end(open, word)
        open = mark == "S" ? nil : (type, self != .bioes)
        result.append("B-\(type)")
      case "I" where self == .iob1 && !goesOn:
        open = (type, true)
        result.append("B-\(type)")
      default:
        guard goesOn else {
          throw TagFault(
            word: word, reason: "The tag “\(tag.clipped)” goes on with a span that did not begin.",
            remedy: self == .iob2
              ? "Correct it; if `I-` also begins spans in this file, give the scheme .iob1." : "Correct the tags.")
        }
        open = mark == "E" ? nil : (type, self != .bioes)
        result.append("I-\(type)")
      }
    }
    try end(open, tags.count)
    return result
  }

  /// The mark and the type of a tag; nil for `O`.
  private func part(_ tag: String, _ word: Int) throws(TagFault) -> (mark: String, type: Substring)? {
    if tag == "O" { return nil }
    let marks = self == .bioes ? ["B", "I", "E", "S", "L", "U"] : ["B", "I"]
    guard let mark = tag.first.map(String.init), marks.contains(mark), tag.dropFirst().first == "-", tag.count > 2
    else {
      throw TagFault(
        word: word,
        reason: "The tag “\(tag.clipped)” is neither O nor one of \(marks.joined(separator: ", ")) with - and a type.",
        remedy: "Correct it, or give the scheme of the file; .plain takes tags as they are.")
    }
    return (mark == "L" ? "E" : mark == "U" ? "S" : mark, tag.dropFirst(2))
  }

  private func end(_ open: (type: Substring, mayEnd: Bool)?, _ word: Int) throws(TagFault) {
    guard let open, !open.mayEnd else { return }
    throw TagFault(
      word: word - 1, reason: "The span “\(String(open.type).clipped)” ends without a tag E-.",
      remedy: "Correct it, or give the scheme .iob2 if spans end without a mark in this file.")
  }

  /// The labels of a model for tags of these types.
  func labels(ofTags tags: some Sequence<String>) -> [String] {
    let sorted = Set(tags).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard self != .plain else { return sorted }
    var types: [String] = []
    for tag in sorted where tag != "O" && !types.contains(String(tag.dropFirst(2))) {
      types.append(String(tag.dropFirst(2)))
    }
    types.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return ["O"] + types.flatMap { ["B-\($0)", "I-\($0)"] }
  }
}
