import ArgumentParser

/// How long an attempt may take, of all stages or of one: `90`, `15min`, `train=2h`.
struct TimeLimit: ExpressibleByArgument, Equatable, Sendable {
  /// The label of the stage; nil for all.
  var label: String?
  var seconds: Double

  private static let units: [(String, Double)] = [
    ("ms", 1e-3), ("min", 60), ("m", 60), ("s", 1), ("h", 3600), ("d", 86_400), ("", 1),
  ]

  init?(argument: String) {
    let cut = argument.lastIndex(of: "=")
    label = cut.map { String(argument[..<$0]) }
    let text = (cut.map { argument[argument.index(after: $0)...] } ?? argument[...]).filter { $0 != " " }.lowercased()
    guard label != "", let (unit, factor) = Self.units.first(where: { text.hasSuffix($0.0) }),
      let value = Double(text.dropLast(unit.count)), value > 0, value * factor < 1e9
    else { return nil }
    seconds = value * factor
  }

  /// As it was written, more or less.
  var text: String { (label.map { "\($0)=" } ?? "") + "\(seconds)s" }
}

extension [TimeLimit] {
  /// The one for all stages, and those by label; the last of each counts.
  ///
  /// - Throws: `usage.label` for a label that is not among `labels`.
  func limits(among labels: [String]) throws -> (all: Double?, each: [String: Double]) {
    var each: [String: Double] = [:]
    for limit in self {
      guard let label = limit.label else { continue }
      // A sub-stage has a label of its own, which nobody knows before it runs.
      guard labels.contains(label) || labels.contains(where: { label.hasPrefix($0 + "/") }) else {
        throw RetortError(
          "usage.label", "The pipeline has no stage “\(label)”.",
          remedy: Suggestion.hint(for: label, among: labels, noun: "stage"), at: Place(field: "--timeout"))
      }
      each[label] = limit.seconds
    }
    return (last { $0.label == nil }?.seconds, each)
  }
}
