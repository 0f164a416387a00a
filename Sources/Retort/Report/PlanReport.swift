import Planning

/// A plan as text and as JSON lines.
enum PlanReport {
  static func text(
    _ plan: Plan, isVerbose: Bool, times: PlanTimes = PlanTimes(), _ terminal: Terminal
  ) -> String {
    let style = terminal.style
    let width = terminal.width ?? .max
    let labelWidth = min(plan.steps.map { TextWidth.of($0.label) }.max() ?? 0, 32)
    var lines = [style.bold(summary(plan))]
    if !times.summary.isEmpty { lines += wrapped("", times.summary, width) }
    lines.append("")
    for step in plan.steps {
      let label = TextWidth.pad(TextWidth.cut(step.label, to: labelWidth), to: labelWidth)
      let text = plan.explanation(of: step) + (times[step].map { " (\($0.text))" } ?? "")
      let isNarrow = labelWidth + 4 + TextWidth.of(text) > width
      lines.append("\(mark(of: step, style)) \(label)  " + (isNarrow ? "" : text))
      if isNarrow { lines += TextWidth.wrap(text, to: max(30, width - 6)).map { "      \($0)" } }
      if isVerbose {
        lines.append(style.dim("      \(step.identity.id), version \(step.identity.version)"))
        for input in step.inputs {
          let port = input.edge.port.isEmpty ? "" : ".\(input.edge.port)"
          lines.append("      ← \(plan.steps[input.step].label)\(port)")
        }
        for (name, value) in step.optionValues {
          lines += wrapped("      \(name) = ", value, width)
        }
        for convention in step.stage.conventions { lines += wrapped("      · ", convention, width) }
      }
    }
    for warning in plan.warnings { lines += wrapped("\(style.yellow("!")) ", "\(warning)", width) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func wrapped(_ head: String, _ text: String, _ width: Int) -> [String] {
    guard width < .max else { return [head + text] }
    let parts = TextWidth.wrap(text, to: max(30, width - 10))
    return parts.enumerated().map { $0 == 0 ? head + $1 : "        " + $1 }
  }

  static func summary(_ plan: Plan) -> String {
    let counts = counts(plan)
    var parts = [Figures.counted(plan.steps.count, "stage"), "\(Figures.count(counts.run)) to run"]
    if counts.waiting > 0 { parts.append("\(Figures.count(counts.waiting)) waiting for them") }
    parts.append("\(Figures.count(counts.cached)) cached")
    if counts.unselected > 0 { parts.append("\(Figures.count(counts.unselected)) not asked for") }
    return "\(plan.options.pipeline): " + parts.joined(separator: ", ")
  }

  static func counts(_ plan: Plan) -> (run: Int, waiting: Int, cached: Int, unselected: Int) {
    var counts = (run: 0, waiting: 0, cached: 0, unselected: 0)
    for step in plan.steps {
      switch step.status {
      case _ where !step.isSelected: counts.unselected += 1
      case .cached: counts.cached += 1
      case .execute: counts.run += 1
      case .waiting: counts.waiting += 1
      case .unselected: counts.unselected += 1
      }
    }
    return counts
  }

  static func mark(of step: Step, _ style: Style) -> String {
    switch step.status {
    case .cached: style.green("=")
    case .execute: style.yellow(">")
    case .waiting: style.yellow(".")
    case .unselected: style.dim("-")
    }
  }

  /// A line a step, then one with the counts.
  ///
  /// - Parameter isVerbose: with the conventions that each stage follows.
  static func json(_ plan: Plan, isVerbose: Bool = false, times: PlanTimes = PlanTimes()) -> String {
    let counts = counts(plan)
    let steps = plan.steps.map { step in
      JSONLine.fields([
        "label": .string(step.label), "stage": .string(step.identity.id), "version": .integer(step.identity.version),
        "status": .string(word(for: step.status)), "selected": .bool(step.isSelected),
        "key": step.key.map { .string($0.digest.hex) }, "reason": .string(plan.explanation(of: step)),
        "changes": changes(of: step),
        "inputs": .strings(step.inputs.map { plan.steps[$0.step].label }),
        "options": .object(step.optionValues.map { .init($0.name, .string($0.value)) }),
        "conventions": isVerbose ? .strings(step.stage.conventions) : nil,
        "estimated_seconds": times[step].map { .number($0.seconds) },
      ])
    }
    let end = JSONLine.fields([
      "pipeline": .string(plan.options.pipeline), "steps": .integer(plan.steps.count), "execute": .integer(counts.run),
      "waiting": .integer(counts.waiting), "cached": .integer(counts.cached),
      "warnings": .strings(plan.warnings.map(\.description)),
      "estimated_seconds": times.known > 0 ? .number(times.seconds) : nil,
      "without_estimate": times.known + times.unknown > 0 ? .integer(times.unknown) : nil,
    ])
    return (steps + [end]).map { $0.line + "\n" }.joined()
  }

  static func word(for status: Step.Status) -> String {
    switch status {
    case .cached: "cached"
    case .execute: "execute"
    case .waiting: "waiting"
    case .unselected: "unselected"
    }
  }

  static func changes(of step: Step) -> JSONLine? {
    guard case .execute(.changed(let difference, _)) = step.status else { return nil }
    return changes(difference)
  }

  static func changes(_ difference: RecipeDifference) -> JSONLine {
    .array(
      difference.changes.map { change in
        .fields([
          "path": .string(change.path), "old": change.old.map { .string("\($0)") },
          "new": change.new.map { .string("\($0)") },
        ])
      })
  }
}
