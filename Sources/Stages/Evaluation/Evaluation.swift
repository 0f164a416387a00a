import Declaring
import FoundationEssentials
import Training

/// What `Evaluate` found: a folder with `figures.json`, and `predictions.tsv` with a row an example, which later
/// comparisons are paired by.
@dynamicMemberLookup
public struct Evaluation: Artifact, Hashable {
  public static let kind = "evaluation.model"

  public let folder: FilePath
  public let figures: EvaluationFigures
  /// Names of the labels, in order.
  private let labels: [String]
  /// Of a ranking: the grades of relevant passages that are no candidates, by query.
  private let missed: [String: [Double]]

  private static let figuresName = "figures.json"
  private static let predictionsName = "predictions.tsv"

  private struct Stored: Codable {
    var figures: EvaluationFigures
    var labels: [String]
    var missed: [String: [Double]]?
  }

  /// Writes both files into an empty folder.
  init(_ figures: EvaluationFigures, predictions: TaskPredictions, in folder: FilePath) throws {
    (self.folder, self.figures, labels, missed) = (folder, figures, predictions.labels, predictions.missed)
    let stored = Stored(figures: figures, labels: labels, missed: missed.isEmpty ? nil : missed)
    let text = try CanonicalJSON.encode(stored) + [10]
    try Files.replace(folder.appending(Self.figuresName), with: text, isDurable: false)
    try Files.replace(folder.appending(Self.predictionsName), with: predictions.file, isDurable: false)
  }

  public var content: Content { .folder(folder) }

  public init(_ stored: StoredPart) throws {
    guard case .folder(let folder) = stored.content else {
      throw RetortError(
        "artifact.form", "A value was stored where a folder of kind “\(Self.kind)” is expected.", blame: .internal)
    }
    self.folder = folder
    let path = folder.appending(Self.figuresName)
    do {
      let found = try JSONDecoder().decode(Stored.self, from: Data(Files.read(path)))
      (figures, labels, missed) = (found.figures, found.labels, found.missed ?? [:])
    } catch let error as DecodingError {
      throw RetortError(
        "artifact.unreadable", "The figures cannot be read: \(error).", remedy: "Run with --force to compute it again.",
        at: Place(file: path.string), blame: .internal, cause: error)
    }
  }

  /// What the model answered, beside what is right.
  ///
  /// - Throws: `predictions.unreadable` with the line; errors of reading.
  public func predictions() throws -> TaskPredictions {
    try TaskPredictions(
      reading: folder.appending(Self.predictionsName), form: figures.form, labels: labels, missed: missed)
  }

  public subscript<Value>(dynamicMember path: KeyPath<EvaluationFigures, Value>) -> Value { figures[keyPath: path] }

  /// The score of a metric; nil where it was not computed.
  public subscript(metric: TaskMetric) -> Double? { figures[metric] }
}
