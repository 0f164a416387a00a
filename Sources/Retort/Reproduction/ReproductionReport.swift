import Artifacts
import Inspecting

extension Reproduction {
  func text(_ terminal: Terminal) -> String {
    let style = terminal.style
    var lines: [String]
    switch outcome {
    case .equal:
      let what =
        outputs.count == 1
        ? "The recipe gave the recorded bytes" : "All \(outputs.count) outputs have the recorded bytes"
      lines = [
        "\(style.green("✓")) \(style.bold(label)): \(what) (\(outputs.first?.recorded.short ?? "")), in \(Figures.duration(seconds))."
      ]
    case .different:
      lines = [
        "\(style.red("✗")) \(style.bold(label)): The recipe gave other bytes than run \(execution.run) recorded."
      ]
      lines += outputs.filter { $0.computed != $0.recorded }.map { output in
        let port = output.port.isEmpty ? "" : "\(output.port): "
        return "  \(port)recorded \(output.recorded.short), now \(output.computed?.short ?? "nothing")"
      }
      if !isSameProfile {
        lines.append("  It was recorded with other numerics: \(Self.text(execution.details.profile)).")
      }
    case .otherProfile:
      lines = [
        "\(style.yellow("!")) \(style.bold(label)): Nothing was computed, for bytes are promised on equal numerics alone.",
        "  recorded with \(Self.text(execution.details.profile))", "  this machine  \(Self.text(profile))",
        "  Compute it all the same with --any-profile.",
      ]
    case .measured:
      lines = [
        "\(style.yellow("!")) \(style.bold(label)): The stage measures; an observation is not promised to come again."
      ]
    }
    if !before.isEmpty {
      lines.append("  Before it were computed, with equal bytes: \(before.map(\.label).joined(separator: ", ")).")
    }
    return lines.joined(separator: "\n")
  }

  private static func text(_ profile: NumericsProfile) -> String {
    "\(profile.kernels), \(profile.blas), \(profile.build)"
  }

  var json: JSONLine {
    .fields([
      "label": .string(label), "key": .string(execution.key.description), "outcome": .string(outcome.rawValue),
      "outputs": .array(
        outputs.map {
          .fields([
            "port": .string($0.port), "recorded": .string($0.recorded.hex),
            "computed": $0.computed.map { .string($0.hex) },
          ])
        }), "seconds": .number(seconds),
      "recorded_profile": .string(Self.text(execution.details.profile)), "profile": .string(Self.text(profile)),
      "before": before.isEmpty ? nil : .array(before.map(\.json)),
    ])
  }
}

/// What an audit found.
struct AuditReport {
  let results: Int
  let sampled: Int
  private(set) var done: [Reproduction] = []
  private var skipped: [(label: String, key: Key, reason: String)] = []
  /// What was made from results that differ, by label.
  private var affected: [String] = []

  init(results: Int, sampled: Int) { (self.results, self.sampled) = (results, sampled) }

  mutating func add(_ result: Reproduction) { done.append(result) }

  mutating func addAffected(_ lineage: Lineage) {
    for node in lineage.nodes where node.id != lineage.root {
      let name = node.label ?? node.stage.id
      if !affected.contains(name) { affected.append(name) }
    }
  }

  mutating func skip(_ label: String, _ execution: Execution, _ error: RetortError) {
    skipped.append((label, execution.key, error.message))
  }

  var differing: [Reproduction] { done.filter { $0.outcome == .different && $0.isSameProfile } }

  func text(_ terminal: Terminal) -> String {
    var lines = done.map { $0.text(terminal) }
    for skip in skipped {
      lines.append("\(terminal.style.yellow("!")) \(terminal.style.bold(skip.label)): not carried out. \(skip.reason)")
    }
    let equal = done.filter { $0.outcome == .equal }.count
    lines.append(
      "Of \(Figures.counted(results, "result")), \(Figures.count(sampled)) were chosen: \(equal) equal, \(differing.count) different, \(sampled - equal - differing.count) not comparable."
    )
    if !differing.isEmpty {
      lines.append("Different ones were taken back: they are no hits any more, and the next run computes them anew.")
      if !affected.isEmpty {
        lines.append("Made from them, and still there: \(affected.joined(separator: ", ")).")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A line for each result, then one with the counts.
  var json: String {
    let skips = skipped.map { skip in
      JSONLine.fields([
        "label": .string(skip.label), "key": .string(skip.key.description), "outcome": "skipped",
        "reason": .string(skip.reason),
      ])
    }
    let end = JSONLine.fields([
      "results": .integer(results), "sampled": .integer(sampled),
      "equal": .integer(done.filter { $0.outcome == .equal }.count), "different": .integer(differing.count),
      "affected": .strings(affected),
    ])
    return (done.map(\.json) + skips + [end]).map { $0.line + "\n" }.joined()
  }
}
