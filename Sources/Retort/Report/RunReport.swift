import Executing

/// What a person reads when a run has ended: failures with their last words, the leaderboard, counts, what to do next.
struct RunReport {
  var summary: RunSummary
  var models: [ModelFigures]
  var effects: [EffectFigures] = []
  /// The program as the user called it.
  var program: String
  /// Flags that a next command needs to meet the same cache.
  var cacheFlags: String
  /// A label to show in examples.
  var lastLabel: String?

  /// The last lines of a log that are shown with a failure.
  static let logLines = 8

  /// What belongs on stdout: the leaderboard, and the effects of what was contrasted.
  func results(_ terminal: Terminal) -> String {
    var tables: [Table] = []
    if !models.isEmpty { tables.append(ModelFigures.table(models)) }
    if !effects.isEmpty { tables.append(EffectFigures.table(effects)) }
    return tables.map { table in
      let lines = table.lines(width: terminal.width.map { max(40, $0) }, style: terminal.style)
      return lines.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  /// What belongs on stderr: failures, then the closing lines.
  func closing(_ terminal: Terminal) -> [String] {
    failures(terminal) + closingLines(terminal.style)
  }

  func failures(_ terminal: Terminal) -> [String] {
    let renderer = ErrorRenderer(terminal)
    var lines: [String] = []
    for fault in summary.faults { lines += [""] + renderer.lines(for: fault) }
    for step in summary.steps {
      guard case .failed(let error) = step.status else { continue }
      lines.append("")
      lines += renderer.lines(for: error.located(Place(stage: step.label)))
      let log = step.log.map { LogTail.read($0, lines: Self.logLines) } ?? []
      if !log.isEmpty {
        lines.append("  \(terminal.style.cyan("log")): \(step.log?.string ?? "")")
        lines += log.map { line in
          "    │ " + (terminal.width.map { TextWidth.cut(line, to: max(20, $0 - 6)) } ?? line)
        }
      }
    }
    return lines
  }

  private func closingLines(_ style: Style) -> [String] {
    let counts = summary.counts
    var parts = ["\(Figures.count(counts.ran)) ran", "\(Figures.count(counts.cached)) cached"]
    if counts.failed > 0 { parts.append(style.red("\(Figures.count(counts.failed)) failed")) }
    if counts.skipped > 0 { parts.append("\(Figures.count(counts.skipped)) not reached") }
    let stages = parts.joined(separator: ", ")
    var lines = [""]
    switch summary.outcome {
    case .interrupted:
      lines.append("\(style.yellow("Interrupted")) after \(Figures.duration(summary.seconds)): \(stages).")
      lines.append("Go on with  \(program) resume\(cacheFlags)")
    case .failed, .lost:
      lines.append("\(style.red("Failed")) after \(Figures.duration(summary.seconds)): \(stages).")
      lines.append("Mend it, then go on with  \(program) resume\(cacheFlags)")
    case .succeeded, .running:
      lines.append("\(style.green("Done")) in \(Figures.duration(summary.seconds)): \(stages).")
      if let label = models.last?.label ?? lastLabel {
        lines.append(style.dim("Next:"))
        lines += nextCommands(label).map { style.dim("  " + $0) }
      }
    }
    return lines
  }

  /// What to try next, about the last model or the last stage.
  private func nextCommands(_ label: String) -> [String] {
    let name = Self.quoted(label)
    let ask = models.isEmpty ? [] : ["retort predict \(name)\(cacheFlags) \"A fine film.\""]
    return ask + ["retort lineage \(name)\(cacheFlags)", "\(program) why \(name)\(cacheFlags)"]
  }

  /// A word as a shell takes it.
  static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:=+,@%".contains($0)) }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  /// The last line of `--json`, on one line.
  var json: JSONLine {
    .fields([
      "stages": .fields([
        "ran": .integer(summary.counts.ran), "cached": .integer(summary.counts.cached),
        "failed": .integer(summary.counts.failed),
        "skipped": summary.counts.skipped > 0 ? .integer(summary.counts.skipped) : nil,
      ]),
      "models": .array(models.map(\.json)), "effects": effects.isEmpty ? nil : .array(effects.map(\.json)),
      "run": .integer(Int(summary.run.value)),
      "outcome": .string(summary.outcome.rawValue), "seconds": .number(summary.seconds),
      "errors": summary.errors.isEmpty ? nil : .array(summary.errors.map { ErrorRenderer.json($0) }),
    ])
  }

  var status: ProgramStatus {
    switch summary.outcome {
    case .succeeded, .running: .fine
    case .interrupted: .interrupted
    case .failed, .lost:
      summary.errors.allSatisfy { ProgramStatus($0) == .goalMissed } && !summary.errors.isEmpty ? .goalMissed : .failure
    }
  }
}
