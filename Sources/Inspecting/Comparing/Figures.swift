import Artifacts
import Storing

/// A figure that a stage recorded, with a name for people.
struct Measured {
  var name: String
  var value: Double
}

extension Execution {
  /// What it recorded, in order of the names.
  func figures(named label: String) -> [Measured] {
    details.metrics.sorted { $0.key < $1.key }.map {
      Measured(name: label.isEmpty ? $0.key : "\(label) \($0.key)", value: $0.value)
    }
  }
}

extension CacheSnapshot {
  /// What an artifact's stage recorded, and what the evaluations that took the artifact did.
  func figures(of finding: Finding) throws -> [Measured] {
    var found = finding.execution.figures(named: "")
    for key in try consumers(of: finding.digest) {
      guard let taker = try history(of: key).last, taker.stage.id.hasPrefix("evaluate."),
        !taker.details.metrics.isEmpty
      else { continue }
      let name = String(taker.stage.id.dropFirst("evaluate.".count))
      found += taker.figures(named: name == "model" ? "evaluated" : name)
    }
    return found
  }
}

extension Divergence.Figure {
  /// The figures that are not equal on both sides, in the order of the new side. Where a name comes several times, they are
  /// set against each other in turn.
  static func differing(_ old: [Measured], _ new: [Measured]) -> [Divergence.Figure] {
    var left: [String: ArraySlice<Double>] = [:]
    for figure in old { left[figure.name, default: []].append(figure.value) }
    var result: [Divergence.Figure] = []
    for figure in new {
      let before = left[figure.name]?.popFirst()
      if before != figure.value { result.append(.init(name: figure.name, old: before, new: figure.value)) }
    }
    for figure in old {
      if let value = left[figure.name]?.popFirst() { result.append(.init(name: figure.name, old: value, new: nil)) }
    }
    return result
  }
}
