import Planning

/// The state of each step of a plan: what there is of it, how large it is, how long it took.
enum StatusReport {
  static func text(_ plan: Plan, cacheFolder: String, cacheBytes: Int, _ terminal: Terminal) -> String {
    let columns: [Table.Column] = [
      .init(""), .init("stage"), .init("state"), .init("size", isNumber: true), .init("took", isNumber: true),
      .init("result", dispensability: 1),
    ]
    let rows = plan.steps.map { step -> [String] in
      let execution = step.cached
      return [
        PlanReport.mark(of: step, .plain), step.label, state(of: step),
        execution.map { Figures.bytes(bytes(of: $0)) } ?? "",
        execution.map { Figures.duration($0.details.seconds) } ?? "",
        execution.flatMap { $0.digest(port: "")?.short } ?? "",
      ]
    }
    var lines = Table(columns, rows: rows).lines(width: terminal.width, style: terminal.style)
    lines.append("")
    lines.append(PlanReport.summary(plan))
    lines.append("The cache \(cacheFolder) takes \(Figures.bytes(cacheBytes)).")
    return lines.joined(separator: "\n") + "\n"
  }

  static func state(of step: Step) -> String {
    switch step.status {
    case .cached(let execution): "cached, run \(execution.run)"
    case .execute(let reason): word(for: reason)
    case .waiting: "waits for its inputs"
    case .unselected: "not there"
    }
  }

  private static func word(for reason: Reason) -> String {
    switch reason {
    case .neverComputed: "never run"
    case .changed: "changed"
    case .objectMissing: "result is gone"
    case .failedBefore: "failed"
    case .interruptedBefore: "interrupted"
    case .codeChanged: "code changed"
    case .forced: "forced"
    }
  }

  static func bytes(of execution: Execution) -> Int { execution.outputs.values.reduce(0) { $0 + $1.bytes } }

  /// A line a step, then one with the whole.
  static func json(_ plan: Plan, cacheBytes: Int) -> String {
    let counts = PlanReport.counts(plan)
    let steps = plan.steps.map { step in
      JSONLine.fields([
        "label": .string(step.label), "stage": .string(step.identity.id),
        "status": .string(PlanReport.word(for: step.status)), "state": .string(state(of: step)),
        "key": step.key.map { .string($0.digest.hex) },
        "digest": step.cached.flatMap { $0.digest(port: "") }.map { .string($0.hex) },
        "bytes": step.cached.map { .integer(bytes(of: $0)) },
        "seconds": step.cached.map { .number($0.details.seconds) },
        "run": step.cached.map { .integer(Int($0.run.value)) },
      ])
    }
    let end = JSONLine.fields([
      "pipeline": .string(plan.options.pipeline), "steps": .integer(plan.steps.count), "execute": .integer(counts.run),
      "waiting": .integer(counts.waiting), "cached": .integer(counts.cached), "cache_bytes": .integer(cacheBytes),
    ])
    return (steps + [end]).map { $0.line + "\n" }.joined()
  }
}
