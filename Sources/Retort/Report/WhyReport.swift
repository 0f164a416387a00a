import Planning
import Storing

/// Why a stage runs, or why it ran the last time, down to the option with its old and new value.
struct WhyReport {
  var label: String
  var status: String
  /// One sentence.
  var sentence: String
  /// What differs, where something does.
  var difference: RecipeDifference?
  /// Other stages that have to do with it, with their own sentence.
  var others: [(label: String, sentence: String)] = []

  init(_ step: Step, in session: Session) throws {
    label = step.label
    status = PlanReport.word(for: step.status)
    switch step.status {
    case .execute(.changed(let difference, let since)):
      sentence = "It would run: its recipe changed since the last run" + (since == label ? "." : " of “\(since)”.")
      self.difference = difference
    case .execute(let reason): sentence = "It would run: \(reason)."
    case .unselected: sentence = "It was not asked for, and its result is not in the cache."
    case .waiting(let upstream):
      sentence =
        "It waits for \(Figures.counted(upstream.count, "stage")); if they give the same bytes as before, it is cached."
      others = upstream.map { index in
        let other = session.plan.steps[index]
        return (other.label, session.plan.explanation(of: other))
      }
    case .cached(let execution):
      let took = Figures.duration(execution.details.seconds)
      let earlier = try Self.earlierRecipe(of: step, than: execution, in: session)
      switch (step.key, earlier) {
      case (let key?, let earlier?):
        difference = try session.cache.recipe(of: key).map { try RecipeDifference(from: earlier.recipe, to: $0) }
        sentence =
          "It is cached. Run \(execution.run) computed it in \(took), for it differs from run \(earlier.run):"
      default:
        sentence = "It is cached. Run \(execution.run) computed it in \(took); nothing like it was known before."
      }
    }
  }

  /// The recipe that the label had in the newest run before the one that computed `execution`, if it was another.
  private static func earlierRecipe(
    of step: Step, than execution: Execution, in session: Session
  ) throws -> (run: RunID, recipe: Recipe)? {
    let runs = try session.cache.runs().lazy.filter {
      $0.id < execution.run && $0.request.pipeline == session.plan.options.pipeline
    }
    for run in runs.prefix(50) {
      guard let known = try session.cache.steps(of: run.id).first(where: { $0.label == step.label }),
        let key = known.key, key != execution.key, let recipe = try session.cache.recipe(of: key)
      else { continue }
      return (run.id, recipe)
    }
    return nil
  }

  func text(_ terminal: Terminal) -> String {
    let style = terminal.style
    var lines = wrapped("\(style.bold(label)): ", sentence, terminal.width)
    lines += Self.lines(difference, style)
    for other in others { lines += wrapped("  \(style.bold(other.label)): ", other.sentence, terminal.width) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A line for each change.
  static func lines(_ difference: RecipeDifference?, _ style: Style) -> [String] {
    (difference?.changes ?? []).map { change in
      let old = change.old?.description ?? "absent"
      let new = change.new?.description ?? "absent"
      return "  \(change.name): \(style.red(old)) → \(style.green(new))"
    }
  }

  private func wrapped(_ head: String, _ text: String, _ width: Int?) -> [String] {
    guard let width else { return [head + text] }
    let lines = TextWidth.wrap(String(repeating: "x", count: TextWidth.of(label) + 2) + text, to: max(30, width - 2))
    return lines.enumerated().map { index, line in
      index == 0 ? head + line.dropFirst(TextWidth.of(label) + 2) : "    " + line
    }
  }

  var json: JSONLine {
    .fields([
      "label": .string(label), "status": .string(status), "reason": .string(sentence),
      "changes": difference.map { PlanReport.changes($0) },
      "upstream": others.isEmpty
        ? nil : .array(others.map { .fields(["label": .string($0.label), "reason": .string($0.sentence)]) }),
    ])
  }
}
