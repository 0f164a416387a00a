import Declaring
import Models

extension Facts {
  /// The family of models whose blocks have widths that other tools do not know: `model_type` of their folder.
  static let prunedFamily = "retort-bert"
  private static let headSizeKey = "headSize"

  /// The width of a head: hidden ÷ heads, unless heads were taken out.
  var headSize: Int? {
    get {
      if let known = other[Self.headSizeKey] { return Int(known) }
      guard family != Self.prunedFamily, let hidden, let heads, heads > 0, hidden % heads == 0 else { return nil }
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
    family = Self.prunedFamily
    headSize = configuration.headSize
  }
}
