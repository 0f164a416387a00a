/// A token that is found in text before anything else is done with it, such as `<mask>`.
struct AddedToken: Sendable, Equatable {
  var id: Int32
  var content: String
  /// Found only where no word character touches it.
  var isSingleWord = false
  /// Takes the white space before it, or after it, with it.
  var stripsLeft = false
  var stripsRight = false
  /// Looked for in normalised text, in its own normalised form.
  var isNormalized = false
  var isSpecial = true
}

/// Finds added tokens in text: the leftmost, and there the longest.
///
/// Details as in Hugging Face tokenizers, `AddedVocabulary::find_matches`.
struct AddedTokenFinder: Sendable {
  private struct Pattern: Sendable {
    var codes: [UInt32]
    var token: AddedToken
  }

  /// Patterns by their first code point, longest first.
  private var patterns: [UInt32: [Pattern]] = [:]
  /// Whether any pattern starts with a code point whose low byte is this.
  private var starts = [Bool](repeating: false, count: 256)

  /// A stretch of text, and the token that it is, if it is one.
  struct Match {
    var range: Range<Int>
    var id: Int32?
  }

  init(_ tokens: [(codes: [UInt32], token: AddedToken)]) {
    for (codes, token) in tokens {
      guard let first = codes.first else { continue }
      patterns[first, default: []].append(Pattern(codes: codes, token: token))
      starts[Int(first & 255)] = true
    }
    for first in patterns.keys {
      patterns[first] = patterns[first]?.enumerated().sorted {
        ($1.element.codes.count, $0.offset) < ($0.element.codes.count, $1.offset)
      }.map(\.element)
    }
  }

  var isEmpty: Bool { patterns.isEmpty }

  /// Cuts text into what is between tokens and the tokens.
  func matches(in text: [UInt32]) -> [Match] {
    guard !patterns.isEmpty else { return text.isEmpty ? [] : [Match(range: text.indices)] }
    let points = TextPoints.shared
    var result: [Match] = []
    var done = 0
    var index = 0
    while index < text.count {
      guard starts[Int(text[index] & 255)], let pattern = pattern(at: index, in: text) else {
        index += 1
        continue
      }
      var (start, end) = (index, index + pattern.codes.count)
      index = end
      if pattern.token.isSingleWord {
        let touches =
          start > 0 && points.flags(text[start - 1]) & TextPoints.wordPart != 0
          || end < text.count && points.flags(text[end]) & TextPoints.wordPart != 0
        if touches { continue }
      }
      if pattern.token.stripsLeft { while start > done, points.isSpace(text[start - 1]) { start -= 1 } }
      if pattern.token.stripsRight { while end < text.count, points.isSpace(text[end]) { end += 1 } }
      if done < start { result.append(Match(range: done..<start)) }
      result.append(Match(range: start..<end, id: pattern.token.id))
      done = end
    }
    if done < text.count { result.append(Match(range: done..<text.count)) }
    return result
  }

  private func pattern(at index: Int, in text: [UInt32]) -> Pattern? {
    patterns[text[index]]?.first { pattern in
      index + pattern.codes.count <= text.count
        && text[index..<index + pattern.codes.count].elementsEqual(pattern.codes)
    }
  }
}
