import Artifacts
import Storing

/// The labels that recent runs gave to keys. Artifacts know no labels: they are joined here, when something is shown.
public struct Labels: Sendable {
  /// A step with the run that had it.
  public struct Place: Sendable, Hashable {
    public var run: RunID
    public var pipeline: String
    public var step: RunStep
  }

  private var byKey: [Key: String] = [:]
  private var byLabel: [String: Place] = [:]

  /// Reads the steps of the newest runs, at most `limit` of them.
  public init(_ cache: Cache, limit: Int = 20) throws {
    try self.init(try cache.runs(limit: limit)) { try cache.steps(of: $0) }
  }

  init(_ runs: [RunRecord], steps: (RunID) throws -> [RunStep]) throws {
    for run in runs {
      for step in try steps(run.id) {
        if let key = step.key, byKey[key] == nil { byKey[key] = step.label }
        let place = Place(run: run.id, pipeline: run.request.pipeline, step: step)
        // An older run that reached the step says more than a newer one that did not.
        if let known = byLabel[step.label] {
          if known.step.key == nil, step.key != nil { byLabel[step.label] = place }
        } else {
          byLabel[step.label] = place
        }
      }
    }
  }

  public subscript(key: Key) -> String? { byKey[key] }

  /// The newest step with a label.
  public func place(_ label: String) -> Place? { byLabel[label] }

  /// Labels that begin like `text`, for a message about one that is not there.
  func similar(to text: String, limit: Int = 5) -> [String] {
    let wanted = text.lowercased()
    let close = byLabel.keys.filter { label in
      let label = label.lowercased()
      return label.hasPrefix(wanted.prefix(3)) || label.contains(wanted)
    }
    return Array(close.sorted().prefix(limit))
  }
}
