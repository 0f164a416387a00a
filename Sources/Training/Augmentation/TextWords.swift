/// A text as words and the white space around them: augmentation exchanges words and leaves everything else as it was.
///
/// A word is a run of letters and digits, with apostrophes inside it (`didn't`, `l'eau`) or, where texts come cut already,
/// an apostrophe before an English clitic (`'s`, `'re`). Every other character that is no white space is a word alone.
public struct TextWords: Sendable, Hashable {
  public struct Word: Sendable, Hashable {
    public var text: String
    /// The white space before it.
    public var gap: String
    /// The Unicode scalars of the whole text that it covers.
    public var scalars: Range<Int>
  }

  public private(set) var words: [Word] = []
  /// The white space after the last word.
  private var end = ""

  public init(_ text: String) {
    let characters = Array(text)
    var (place, scalar) = (0, 0)
    while place < characters.count {
      var gap = ""
      while place < characters.count, characters[place].isWhitespace {
        gap.append(characters[place])
        scalar += characters[place].unicodeScalars.count
        place += 1
      }
      guard place < characters.count else {
        end = gap
        return
      }
      let stop = Self.end(ofWordAt: place, in: characters)
      let word = String(characters[place..<stop])
      let length = word.unicodeScalars.count
      words.append(Word(text: word, gap: gap, scalars: scalar..<scalar + length))
      (place, scalar) = (stop, scalar + length)
    }
  }

  /// The text with other words in the same places, or a run of it alone, without the white space around the run.
  ///
  /// - Parameters:
  ///   - texts: as many as words.
  ///   - range: the run of words that is left; nil for all.
  public func text(_ texts: [String], _ range: Range<Int>? = nil) -> String {
    let range = (range ?? words.indices).clamped(to: words.indices)
    let isWhole = range == words.indices
    var result = ""
    for index in range {
      if isWhole || index > range.lowerBound { result += words[index].gap }
      result += texts.indices.contains(index) ? texts[index] : words[index].text
    }
    return isWhole ? result + end : result
  }

  /// Whether a word is made of letters alone.
  public static func isAlphabetic(_ word: String) -> Bool {
    !word.isEmpty && word.unicodeScalars.allSatisfy { $0.properties.isAlphabetic }
  }

  private static func end(ofWordAt start: Int, in text: [Character]) -> Int {
    var end = start
    if isApostrophe(text[start]) {
      let tail = text[(start + 1)...].prefix(while: isInner)
      let isAlone = start == 0 || text[start - 1].isWhitespace
      return isAlone && clitics.contains(String(tail).lowercased()) ? tail.endIndex : start + 1
    }
    while end < text.count {
      let isJoined =
        end > start && isApostrophe(text[end]) && end + 1 < text.count && isInner(text[end + 1])
      guard isInner(text[end]) || isJoined else { break }
      end += 1
    }
    return max(end, start + 1)
  }

  private static let clitics: Set = ["s", "re", "ve", "ll", "d", "m", "t"]

  private static func isInner(_ character: Character) -> Bool { character.isLetter || character.isNumber }

  private static func isApostrophe(_ character: Character) -> Bool { character == "'" || character == "’" }
}
