import Declaring
import Models
import Tensors

extension Facts {
  private static let ownPrefix = "retort-"

  /// Whether blocks have widths that other tools do not know: their folder's `model_type` is Retort's own.
  var hasUnlikeBlocks: Bool { family?.hasPrefix(Self.ownPrefix) ?? false }

  /// Whether weights are integers.
  var isQuantized: Bool { precision.map { $0 != "f32" } ?? false }

  /// Whether other tools have a form for it.
  var isOfPlainModel: Bool { !hasUnlikeBlocks && !isQuantized }

  /// What is known of the dense equivalent before it is made: see `PlainModel`.
  var ofPlainModel: Facts {
    var facts = self
    if hasUnlikeBlocks {
      facts.heads = hidden.flatMap { hidden in headSize.map { hidden / max(1, $0) } }
      facts.headSize = nil
      facts.parameters = nil
      facts.family = plainFamily?.rawValue
    }
    facts.precision = "f32"
    return facts
  }

  /// The same of the equivalent itself.
  func asPlain(_ bert: Bert) -> Facts {
    var facts = ofPlainModel
    (facts.heads, facts.intermediate) = (bert.configuration.headCount, bert.configuration.intermediateSize)
    facts.parameters = bert.layout.parameterCount
    return facts
  }

  /// The family of such models.
  static func pruned(_ family: String?) -> String? {
    family.map { $0.hasPrefix(ownPrefix) ? $0 : ownPrefix + $0 }
  }

  /// The family itself, whatever became of its blocks.
  var plainFamily: BertFamily? { family.flatMap { BertFamily(modelType: $0) } }

  private static let headSizeKey = "headSize"

  /// The width of a head: hidden ÷ heads, unless heads were taken out.
  var headSize: Int? {
    get {
      if let known = other[Self.headSizeKey] { return Int(known) }
      guard !hasUnlikeBlocks, let hidden, let heads, heads > 0, hidden % heads == 0 else { return nil }
      return hidden / heads
    }
    set { other[Self.headSizeKey] = newValue.map(String.init) }
  }

  /// Says how wide blocks are: one figure for all, or none where they differ.
  mutating func describeBlocks(of configuration: BertConfiguration) {
    guard let shapes = configuration.blockShapes else { return }
    func common(_ counts: [Int]) -> Int? { Set(counts).count == 1 ? counts.first : nil }
    heads = common(shapes.map(\.headCount))
    intermediate = common(shapes.map(\.intermediateSize))
    family = Self.pruned(configuration.family.rawValue)
    headSize = configuration.headSize
  }
}
