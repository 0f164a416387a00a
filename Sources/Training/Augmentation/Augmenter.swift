import Artifacts

/// Makes new examples out of old ones.
///
/// What it makes of an example is a function of the example, its place in the data set and the seed alone, so that
/// examples may be shared out to threads, and a run may go on where another stopped.
public protocol Augmenter: Sendable {
  /// Variants of some consecutive examples.
  ///
  /// - Parameter examples: a slice whose indices are the examples' places in the data set.
  /// - Returns: for each example its variants in the order of their making, without the original.
  func variants(of examples: ArraySlice<LabelledExample>) throws -> VariantGroup
}

/// The texts of a new example; what it is labelled with is decided where examples are put together.
public struct Variant: Sendable, Hashable {
  public var text: String
  public var pair: String?

  public init(_ text: String, pair: String? = nil) {
    self.text = text
    self.pair = pair
  }

  public init(_ example: LabelledExample) { self.init(example.text, pair: example.pair) }

  /// The texts in order: one, or two of a pair.
  var sides: [String] { [text] + (pair.map { [$0] } ?? []) }

  /// The same with another text on one side.
  func replacing(side: Int, by text: String) -> Variant {
    side == 0 ? Variant(text, pair: pair) : Variant(self.text, pair: text)
  }
}

/// The variants of some consecutive examples, and what was noticed on the way.
public struct VariantGroup: Sendable, Hashable {
  /// The variants of each example.
  public var variants: [[Variant]]
  /// Masked texts that were cut to what the language model takes.
  public var cutTexts: Int

  public init(_ variants: [[Variant]] = [], cutTexts: Int = 0) {
    self.variants = variants
    self.cutTexts = cutTexts
  }

  /// Adds the examples that follow.
  public mutating func append(_ other: VariantGroup) {
    variants += other.variants
    cutTexts += other.cutTexts
  }
}

/// What new examples are labelled with.
public enum VariantLabels: String, Sendable, Hashable, Codable {
  /// The label or number of the example that they come from.
  case copied
  /// Nothing: only a teacher answers for them, and losses on labels pass over them.
  case none
}

extension VariantGroup {
  /// Each example with its variants behind it. No text (or pair) is added that is an example, or was added before.
  public func joined(with examples: [LabelledExample], labels: VariantLabels) -> [LabelledExample] {
    var known = Set(examples.map { Variant($0) })
    var result: [LabelledExample] = []
    result.reserveCapacity(examples.count + variants.reduce(0) { $0 + $1.count })
    for (example, variants) in zip(examples, variants) {
      result.append(example)
      for variant in variants where known.insert(variant).inserted {
        result.append(
          LabelledExample(variant.text, pair: variant.pair, target: labels == .copied ? example.target : nil))
      }
    }
    return result
  }
}
