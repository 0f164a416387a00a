import Inspecting
import Retort

/// A difference of two artifacts or runs, for people and as JSON.
struct DiffReport {
  let difference: Divergence

  init(_ difference: Divergence) { self.difference = difference }

  /// How many labels a line lists.
  private static let shown = 6

  func text(_ terminal: Terminal) -> String {
    let style = terminal.style
    var blocks = [[heading(style)]]
    if !difference.options.isEmpty {
      blocks.append(
        [style.bold("command line")]
          + difference.options.map {
            "  \($0.name): \(style.red($0.old ?? "absent")) → \(style.green($0.new ?? "absent"))"
          })
    }
    if !difference.causes.isEmpty {
      blocks.append([style.bold("causes")] + difference.causes.flatMap { lines(of: $0, terminal) })
    } else if !difference.isSame, difference.old.digest != nil || !difference.differing.isEmpty {
      blocks.append(["No cause is known: the recipes of what differs are no longer in the cache."])
    }
    let lists = [
      ("stages that differ", difference.differing), ("only in run \(difference.old.run)", difference.onlyOld),
      ("only in run \(difference.new.run)", difference.onlyNew), ("not reached by both", difference.notReached),
    ].filter { !$0.1.isEmpty }
    if !lists.isEmpty {
      blocks.append(lists.flatMap { wrapped("\($0.0): ", Self.list($0.1, upTo: 12), terminal.width) })
    }
    if !difference.figures.isEmpty { blocks.append(figures.lines(width: terminal.width, style: style)) }
    return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  private func heading(_ style: Style) -> String {
    let (old, new) = (difference.old, difference.new)
    guard let before = old.digest, let after = new.digest else {
      let names = old.name == new.name ? "Runs \(old.run) and \(new.run)" : "Run \(old.run) and run \(new.run)"
      let pipelines = Set([old.name, new.name].compactMap { $0 }).sorted().map { "“\($0)”" }.joined(separator: " and ")
      return "\(names) of \(pipelines)" + (difference.isSame ? " gave the same bytes throughout." : " differ.")
    }
    func name(_ side: Divergence.Side, _ digest: String) -> String {
      "\(side.name.map { style.bold($0) + " " } ?? "")\(digest) (run \(side.run))"
    }
    let names = "\(name(old, before.short)) and \(name(new, after.short))"
    guard difference.isSame else { return "\(names) differ." }
    if old.key == new.key { return "\(names) are the same result." }
    return "\(names) have the same bytes, though their recipes differ."
  }

  private func lines(of cause: Divergence.Cause, _ terminal: Terminal) -> [String] {
    let style = terminal.style
    let labels = Self.list(cause.stages.map { $0.label ?? "\($0.identity)" }, upTo: Self.shown)
    let (old, new) = (text(cause.change.old), text(cause.change.new))
    let what = "\(words(for: cause)): "
    let line = "  \(style.bold(labels))  \(what)\(style.red(old)) → \(style.green(new))"
    let length = 6 + TextWidth.of(labels) + TextWidth.of(what) + TextWidth.of(old) + TextWidth.of(new) + 3
    guard let width = terminal.width, length > width else { return [line] }
    return ["  \(style.bold(labels))  \(what)"] + wrapped("    ", "\(old) → \(new)", width)
  }

  private func words(for cause: Divergence.Cause) -> String {
    let change = cause.change
    switch cause.kind {
    case .stage: return "another stage stands here"
    case .lost:
      return "\(change.path == "recipe" ? "recipe" : "input \(name(change))") (what made it is not in the cache)"
    case .bytes:
      return change.path == "bytes" ? "the same recipe gave other bytes" : "the same recipe, but \(change.path)"
    case .recipe: break
    }
    return change.name
  }

  private func name(_ change: RecipeDifference.Change) -> String { RecipeTree.optionName(change.path) }

  private func text(_ value: RecipeValue?) -> String {
    guard let value else { return "absent" }
    if case .source(let digest) = value, let path = difference.paths[digest] {
      return "\(digest.short) (\(Self.shortened(path)))"
    }
    return value.description
  }

  private static func shortened(_ path: FilePath) -> String {
    path.components.suffix(2).map(\.string).joined(separator: "/")
  }

  private var figures: Table {
    Table(
      [
        .init("figure"), .init("before", isNumber: true), .init("after", isNumber: true),
        .init("change", isNumber: true, dispensability: 1),
      ],
      rows: difference.figures.map { figure in
        let change = figure.old.flatMap { old in figure.new.map { $0 - old } }
        return [
          figure.name, figure.old.map(FigureText.text) ?? "–", figure.new.map(FigureText.text) ?? "–",
          change.map { ($0 > 0 ? "+" : "") + FigureText.text($0) } ?? "",
        ]
      })
  }

  private static func list(_ words: [String], upTo limit: Int) -> String {
    words.prefix(limit).joined(separator: ", ") + (words.count > limit ? " and \(words.count - limit) more" : "")
  }

  private func wrapped(_ head: String, _ text: String, _ width: Int?) -> [String] {
    guard let width else { return [head + text] }
    let lines = TextWidth.wrap(head + text, to: max(30, width - 4))
    let indent = String(head.prefix { $0 == " " })
    return lines.enumerated().map { $0 == 0 ? indent + $1 : "    " + $1 }
  }

  // MARK: JSON

  var json: JSONLine {
    .fields([
      "old": json(difference.old), "new": json(difference.new), "same": .bool(difference.isSame),
      "causes": .array(difference.causes.map(json)),
      "figures": .array(
        difference.figures.map {
          .fields([
            "name": .string($0.name), "old": $0.old.map { .number($0) } ?? .null,
            "new": $0.new.map { .number($0) } ?? .null,
          ])
        }),
      "options": difference.old.digest == nil
        ? .array(
          difference.options.map {
            .fields([
              "name": .string($0.name), "old": $0.old.map { .string($0) }, "new": $0.new.map { .string($0) },
            ])
          }) : nil,
      "differing": difference.old.digest == nil ? .strings(difference.differing) : nil,
      "only_old": difference.old.digest == nil ? .strings(difference.onlyOld) : nil,
      "only_new": difference.old.digest == nil ? .strings(difference.onlyNew) : nil,
      "not_reached": difference.old.digest == nil ? .strings(difference.notReached) : nil,
    ])
  }

  private func json(_ side: Divergence.Side) -> JSONLine {
    .fields([
      "name": side.name.map { .string($0) }, "run": .integer(Int(side.run.value)),
      "digest": side.digest.map { .string($0.hex) }, "key": side.key.map { .string($0.description) },
      "stage": side.stage.map { .string("\($0)") },
    ])
  }

  private func json(_ cause: Divergence.Cause) -> JSONLine {
    .fields([
      "kind": .string(cause.kind.rawValue), "path": .string(cause.change.path),
      "old": cause.change.old.map { .string("\($0)") }, "new": cause.change.new.map { .string("\($0)") },
      "stages": .array(
        cause.stages.map { .fields(["label": $0.label.map { .string($0) }, "stage": .string("\($0.identity)")]) }),
    ])
  }
}

/// Figures of any stage, whose meaning is not known here.
enum FigureText {
  /// Whole numbers in full, others with four digits.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    if value == value.rounded(), abs(value) < 1e12 { return Figures.count(Int(value)) }
    return abs(value) >= 1000 ? Figures.count(Int(value.rounded())) : Figures.fixed(value, abs(value) >= 100 ? 1 : 4)
  }
}
