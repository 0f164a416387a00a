import Tensors

/// Parameters that learn at a rate of their own: those whose names begin with a prefix.
///
/// Where several prefixes fit, the longest one counts. With factor 0 the parameters are frozen: neither decay nor
/// moments touch them.
public struct LayerGroup: Sendable, Hashable, Codable {
  /// Such as `bert.embeddings` or `bert.encoder.layer.0.`.
  public var prefix: String
  /// Times the run's learning rate.
  public var rateFactor: Double
  /// Whether its gradients count in the norm that is clipped, and are clipped (TextBrewer leaves projections out).
  public var isClipped: Bool

  public init(_ prefix: String, rateFactor: Double = 1, isClipped: Bool = true) {
    self.prefix = prefix
    self.rateFactor = rateFactor
    self.isClipped = isClipped
  }

  public static func frozen(_ prefix: String) -> LayerGroup { LayerGroup(prefix, rateFactor: 0) }
}

/// A run of a flat buffer whose elements are all updated alike.
struct ParameterRun: Hashable {
  var range: Range<Int>
  var decays: Bool
  var rateFactor: Double
  var isClipped: Bool
}

extension ParameterLayout {
  /// The buffer as runs of neighbours that are updated alike; frozen parameters are in none.
  ///
  /// - Parameters:
  ///   - apart: an entry that makes a run of its own.
  ///   - decaysAll: whether biases and layer norms decay too.
  func runs(groups: [LayerGroup], apart: Entry? = nil, decaysAll: Bool = false) -> [ParameterRun] {
    var runs: [ParameterRun] = []
    for entry in entries {
      let group = groups.filter { entry.name.hasPrefix($0.prefix) }.max { $0.prefix.utf8.count < $1.prefix.utf8.count }
      let factor = group?.rateFactor ?? 1
      let isClipped = group?.isClipped ?? true
      guard factor != 0 else { continue }
      let decays = decaysAll || !(entry.name.hasSuffix("bias") || entry.name.contains("LayerNorm"))
      if let last = runs.last, last.decays == decays, last.rateFactor == factor, last.isClipped == isClipped,
        entry.offset - last.range.upperBound < 16, entry != apart, last.range != apart?.range
      {
        // The gap is only the alignment's, whose zeros stay zeros.
        runs[runs.count - 1].range = last.range.lowerBound..<entry.range.upperBound
      } else {
        runs.append(ParameterRun(range: entry.range, decays: decays, rateFactor: factor, isClipped: isClipped))
      }
    }
    return runs
  }
}
