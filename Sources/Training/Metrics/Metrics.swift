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
    try ConfusionTable(predictions, labels, classes: classes).counts
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
    try ConfusionTable(predictions, labels, classes: classes).scores
  }

  /// F1 of each class.
  public static func f1(_ predictions: [Int], _ labels: [Int], classes: Int) throws -> [Double] {
    try scores(predictions, labels, classes: classes).map(\.f1)
  }

  /// The mean of the classes' F1, over the classes that occur as label or prediction.
  public static func macroF1(_ predictions: [Int], _ labels: [Int], classes: Int) throws -> Double {
    try ConfusionTable(predictions, labels, classes: classes).macroF1
  }

  /// The mean of the classes' F1, weighted by how often each is the label.
  public static func weightedF1(_ predictions: [Int], _ labels: [Int], classes: Int) throws -> Double {
    try ConfusionTable(predictions, labels, classes: classes).weightedF1
  }

  /// Matthews' correlation, for any number of classes (Gorodkin 2004).
  public static func matthews(_ predictions: [Int], _ labels: [Int], classes: Int) throws -> Double {
    try ConfusionTable(predictions, labels, classes: classes).matthews
  }
}
