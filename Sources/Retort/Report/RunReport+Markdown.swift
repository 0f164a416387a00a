import Artifacts
import Executing

extension RunReport {
  /// The run as a page: the command, the tables, and each stage with the digest of what it made.
  ///
  /// - Parameters:
  ///   - pipeline: the title.
  ///   - command: the program and its arguments.
  ///   - machine: where it ran.
  func markdown(pipeline: String, command: [String], machine: MachineProfile) -> String {
    let computed = summary.steps.compactMap(\.execution?.details.seconds).reduce(0, +)
    var parts = [
      "# \(pipeline)",
      "```\n$ swift run -c release \(command.map(Self.quoted).joined(separator: " "))\n```",
      "Written by the run itself (`--report`). Computing took \(Figures.duration(computed)) in all, on \(machine.cores) cores of "
        + "\(machine.processor) (\(machine.numerics.kernels)); what was in the cache was not computed again.",
    ]
    if !models.isEmpty {
      parts.append("## Models\n\n" + ModelFigures.table(models).markdown)
    }
    if !effects.isEmpty { parts.append("## Effects\n\n" + EffectFigures.table(effects).markdown) }
    parts.append("## Stages\n\n" + stages.markdown)
    parts.append("## Artifacts\n\n" + artifacts.markdown)
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var stages: Table {
    Table(
      [.init("stage"), .init("type"), .init("took", isNumber: true), .init("figures")],
      rows: summary.steps.map { step in
        let details = step.execution?.details
        let metrics = (details?.metrics ?? [:]).sorted { $0.key < $1.key }
          .map { "\($0.key) \(Figures.short($0.value))" }
        return [
          step.label, step.stage.id, details.map { Figures.duration($0.seconds) } ?? "–",
          metrics.joined(separator: ", "),
        ]
      })
  }

  private var artifacts: Table {
    var rows: [[String]] = []
    for step in summary.steps {
      let outputs = (step.execution?.outputs ?? [:]).sorted { $0.key < $1.key }
      for (port, record) in outputs {
        rows.append([step.label + (port.isEmpty ? "" : ".\(port)"), record.kind, "`\(record.digest.hex)`"])
      }
    }
    return Table([.init("artifact"), .init("kind"), .init("SHA-256")], rows: rows)
  }
}

extension Table {
  /// The table in Markdown, numbers to the right.
  var markdown: String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    let rule = columns.map { $0.isNumber ? "---:" : "---" }
    return ([line(columns.map(\.title)), line(rule)] + rows.map(line)).joined(separator: "\n")
  }
}
