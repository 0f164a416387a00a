import Models
import Tensors

/// Exchanges content words for candidates of a masked language model or of word vectors (Jiao et al. 2020).
///
/// Of a pair each side is varied by itself, beside the other side as it was.
public struct TinyBERTAugmenter: Augmenter {
  public let rules: TinyBERTRules
  let language: MaskedCandidates
  let neighbours: NeighbourCache?
  let seed: UInt64

  /// - Parameter vectors: for words of several pieces; nil keeps those words.
  /// - Throws: `augment.mask`, `augment.segments` (see `MaskedCandidates`).
  public init(_ rules: TinyBERTRules, language: InferenceModel, vectors: WordVectors?, seed: UInt64) throws {
    self.rules = rules
    self.language = try MaskedCandidates(language, count: rules.candidates, context: rules.context)
    neighbours = vectors.map { NeighbourCache($0, count: rules.candidates) }
    self.seed = seed
  }

  public func variants(of examples: ArraySlice<LabelledExample>) throws -> VariantGroup {
    let originals = examples.map { Variant($0) }
    let texts = try originals.map { original in
      try original.sides.map { try language.read($0, varying: rules.isContent) }
    }
    let (masked, cut) = try language.candidates(for: texts.flatMap { $0 })
    var rest = masked[...]
    let groups = zip(examples.indices, zip(originals, texts)).map { index, example in
      let (original, sides) = example
      var found: [Variant] = []
      var known: Set = [original]
      for (side, text) in sides.enumerated() {
        let options = options(for: text, masked: rest.popFirst() ?? [:])
        for attempt in 0..<rules.copies {
          var random = RandomStream(
            seed: seed, purpose: .augmentation, step: index, position: UInt64(side) << 60 | UInt64(attempt) << 32)
          let variant = original.replacing(side: side, by: draft(text.words, options, &random))
          if known.insert(variant).inserted { found.append(variant) }
        }
      }
      return found
    }
    return VariantGroup(groups, cutTexts: cut)
  }

  /// A word's place in its text, and what may stand there.
  typealias Options = [(word: Int, candidates: [String])]

  /// The candidates of all content words that have any, in the order of the words, with the case of their first letters.
  private func options(for text: MaskedCandidates.Text, masked: [Int: [String]]) -> Options {
    let longer = text.severalPieces.map { text.words.words[$0].text }
    let near = neighbours?.neighbours(of: longer) ?? [:]
    var options = masked.map { (word: $0.key, candidates: $0.value) }
    for (index, word) in zip(text.severalPieces, longer) { options.append((index, near[word] ?? [])) }
    return options.filter { !$0.candidates.isEmpty }.sorted { $0.word < $1.word }.map { option in
      let original = text.words.words[option.word].text
      return (option.word, option.candidates.map { Self.withCase(of: original, $0) })
    }
  }

  func draft(_ text: TextWords, _ options: Options, _ random: inout RandomStream) -> String {
    var words = text.words.map(\.text)
    for option in options {
      let isExchanged = random.bernoulli(rules.probability)
      let candidate = random.integer(below: option.candidates.count)
      if isExchanged { words[option.word] = option.candidates[candidate] }
    }
    return text.text(words)
  }

  /// The candidate with its first letter in the case of the original's.
  static func withCase(of original: String, _ candidate: String) -> String {
    guard let first = original.first, let other = candidate.first else { return candidate }
    if first.isUppercase { return other.uppercased() + candidate.dropFirst() }
    return first.isLowercase ? other.lowercased() + candidate.dropFirst() : candidate
  }
}
