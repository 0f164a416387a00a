import Tensors

/// The words of a corpus by part of speech, drawn as often as they occur in it.
///
/// Tang et al. 2019, "Distilling Task-Specific Knowledge from BERT into Simple Neural Networks", §3.3: the unigram
/// distribution of the corpus, renormalised within a tag.
public struct TaggedUnigrams: Sendable {
  private struct Words: Sendable {
    var words: [String] = []
    /// `ends[i]` is the number of occurrences of words 0 … i.
    var ends: [Int] = []
  }

  private let lexicon: PartOfSpeechLexicon
  private let byTag: [String: Words]

  /// - Parameter texts: every occurrence of a word counts.
  public init(of texts: some Sequence<String>, tags lexicon: PartOfSpeechLexicon) {
    self.lexicon = lexicon
    var counts: [String: Int] = [:]
    for text in texts {
      for word in TextWords(text).words { counts[word.text, default: 0] += 1 }
    }
    var byTag: [String: Words] = [:]
    for (word, count) in counts.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      guard let tag = lexicon[word] else { continue }
      byTag[tag, default: Words()].words.append(word)
      byTag[tag, default: Words()].ends.append((byTag[tag]?.ends.last ?? 0) + count)
    }
    self.byTag = byTag
  }

  /// A word of the same part of speech, possibly the same word; nil where the lexicon does not know the word, or the
  /// corpus has none of its kind.
  public func draw(like word: String, _ random: inout RandomStream) -> String? {
    guard let tag = lexicon[word], let words = byTag[tag], let total = words.ends.last else { return nil }
    let drawn = random.integer(below: total)
    var (low, high) = (0, words.ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if words.ends[middle] > drawn { high = middle } else { low = middle + 1 }
    }
    return words.words[low]
  }
}
