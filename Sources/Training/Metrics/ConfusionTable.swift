import Artifacts

/// How often each class was taken for each: what scores of classes are counted from.
public struct ConfusionTable: Sendable, Equatable {
  /// [label][prediction].
  public private(set) var counts: [[Int]]

  /// - Parameter weights: how often each example counts; nil for once each.
  /// - Throws: `metric.misfit` for a class outside 0 ..< `classes`, or lists that differ in length.
  public init(_ predictions: [Int], _ labels: [Int], classes: Int, weights: [Int]? = nil) throws {
    try Metrics.check(predictions.count, labels.count, "confusion table")
    var table = [[Int]](repeating: [Int](repeating: 0, count: max(classes, 0)), count: max(classes, 0))
    for index in labels.indices {
      let (prediction, label) = (predictions[index], labels[index])
      guard table.indices.contains(prediction), table.indices.contains(label) else {
        throw RetortError(
          "metric.misfit", "A prediction \(prediction) or label \(label) is none of \(classes) classes.", blame: .stage)
      }
      table[label][prediction] += weights?[index] ?? 1
    }
    counts = table
  }

  private var hits: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }
  private func support(_ index: Int) -> Int { counts[index].reduce(0, +) }
  private func predicted(_ index: Int) -> Int { counts.reduce(0) { $0 + $1[index] } }
  private var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }

  static func ratio(_ upper: Int, _ lower: Int) -> Double { lower == 0 ? 0 : Double(upper) / Double(lower) }

  public var accuracy: Double { Self.ratio(hits, total) }

  /// The scores of each class.
  public var scores: [Metrics.ClassScore] {
    counts.indices.map { index in
      let (hits, support, predicted) = (counts[index][index], support(index), predicted(index))
      return Metrics.ClassScore(
        precision: Self.ratio(hits, predicted), recall: Self.ratio(hits, support),
        f1: Self.ratio(2 * hits, predicted + support), support: support)
    }
  }

  /// The mean of the classes' F1, over the classes that occur as label or prediction.
  public var macroF1: Double {
    let present = counts.indices.filter { support($0) + predicted($0) > 0 }
    let all = scores
    return present.reduce(0) { $0 + all[$1].f1 } / Double(max(1, present.count))
  }

  /// The mean of the classes' F1, weighted by how often each is the label.
  public var weightedF1: Double {
    scores.reduce(0) { $0 + $1.f1 * Double($1.support) } / Double(max(1, total))
  }

  /// Matthews' correlation, for any number of classes (Gorodkin 2004).
  public var matthews: Double {
    let (total, hits) = (Double(total), Double(hits))
    let actual = counts.indices.map { Double(support($0)) }
    let chosen = counts.indices.map { Double(predicted($0)) }
    let both = zip(actual, chosen).reduce(0) { $0 + $1.0 * $1.1 }
    let spread =
      (total * total - actual.reduce(0) { $0 + $1 * $1 }) * (total * total - chosen.reduce(0) { $0 + $1 * $1 })
    return spread > 0 ? (hits * total - both) / spread.squareRoot() : 0
  }
}
