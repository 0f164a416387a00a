import Artifacts

/// Scores of predictions, equal to scikit-learn's and SciPy's. Rates lie in 0…1 (correlations in −1…1).
///
/// All throw `metric.misfit` where two lists differ in length or are empty, or a class lies outside 0 ..< `classes`.
/// Where the reference divides by zero and gives 0 or NaN (no prediction of a class, a constant list), the score is 0.
public enum Metrics {
  static func check(_ first: Int, _ second: Int, _ name: String) throws {
    guard first == second, first > 0 else {
      throw RetortError(
        "metric.misfit", "The \(name) wants two lists of one length, not of \(first) and \(second) items.",
        blame: .stage)
    }
  }
}

// MARK: Classes

extension Metrics {
  /// The share of equal items.
  public static func accuracy<Label: Equatable>(_ predictions: [Label], _ labels: [Label]) throws -> Double {
    try check(predictions.count, labels.count, "accuracy")
    return Double(zip(predictions, labels).count { $0 == $1 }) / Double(labels.count)
  }

  /// The share of examples for which two models choose the same class: accuracy with the other's choice as label.
  public static func agreement<Label: Equatable>(_ predictions: [Label], with others: [Label]) throws -> Double {
    try accuracy(predictions, others)
  }

  /// How often class `label` was taken for class `prediction`: rows are labels.
  public static func confusion(_ predictions: [Int], _ labels: [Int], classes: Int) throws -> [[Int]] {
    try check(predictions.count, labels.count, "confusion table")
    var table = [[Int]](repeating: [Int](repeating: 0, count: max(classes, 0)), count: max(classes, 0))
    for (prediction, label) in zip(predictions, labels) {
      guard table.indices.contains(prediction), table.indices.contains(label) else {
        throw RetortError(
          "metric.misfit", "A prediction \(prediction) or label \(label) is none of \(classes) classes.", blame: .stage)
      }
      table[label][prediction] += 1
    }
    return table
  }

  /// Precision, recall and their harmonic mean for one class.
  public struct ClassScore: Sendable, Equatable, Codable {
    public let precision: Double
    public let recall: Double
    public let f1: Double
    /// Labels of this class.
    public let support: Int
  }

  /// The scores of each class.
  public static func scores(_ predictions: [Int], _ labels: [Int], classes: Int) throws -> [ClassScore] {
    let table = try confusion(predictions, labels, classes: classes)
    return table.indices.map { index in
      let hits = table[index][index]
      let support = table[index].reduce(0, +)
      let predicted = table.reduce(0) { $0 + $1[index] }
      func ratio(_ upper: Int, _ lower: Int) -> Double { lower == 0 ? 0 : Double(upper) / Double(lower) }
      return ClassScore(
        precision: ratio(hits, predicted), recall: ratio(hits, support), f1: ratio(2 * hits, predicted + support),
        support: support)
    }
  }

  /// F1 of each class.
  public static func f1(_ predictions: [Int], _ labels: [Int], classes: Int) throws -> [Double] {
    try scores(predictions, labels, classes: classes).map(\.f1)
  }

  /// The mean of the classes' F1, over the classes that occur as label or prediction.
  public static func macroF1(_ predictions: [Int], _ labels: [Int], classes: Int) throws -> Double {
    let present = Set(predictions + labels)
    let all = try f1(predictions, labels, classes: classes)
    return present.sorted().reduce(0) { $0 + all[$1] } / Double(present.count)
  }

  /// The mean of the classes' F1, weighted by how often each is the label.
  public static func weightedF1(_ predictions: [Int], _ labels: [Int], classes: Int) throws -> Double {
    try scores(predictions, labels, classes: classes).reduce(0) { $0 + $1.f1 * Double($1.support) }
      / Double(labels.count)
  }

  /// Matthews' correlation, for any number of classes (Gorodkin 2004).
  public static func matthews(_ predictions: [Int], _ labels: [Int], classes: Int) throws -> Double {
    let table = try confusion(predictions, labels, classes: classes)
    let total = Double(labels.count)
    let hits = Double(table.indices.reduce(0) { $0 + table[$1][$1] })
    let actual = table.map { Double($0.reduce(0, +)) }
    let chosen = table.indices.map { column in Double(table.reduce(0) { $0 + $1[column] }) }
    let both = zip(actual, chosen).reduce(0) { $0 + $1.0 * $1.1 }
    let spread =
      (total * total - actual.reduce(0) { $0 + $1 * $1 }) * (total * total - chosen.reduce(0) { $0 + $1 * $1 })
    return spread > 0 ? (hits * total - both) / spread.squareRoot() : 0
  }
}
