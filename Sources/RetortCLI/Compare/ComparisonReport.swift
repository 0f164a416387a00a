import Inspecting
import Retort

/// Runs beside each other, for people and as JSON.
struct ComparisonReport {
  private let comparison: RunComparison
  private let shown: [RunComparison.Figure]

  /// - Parameter showsAll: also figures of which more is neither better nor worse.
  init(_ comparison: RunComparison, showsAll: Bool) {
    self.comparison = comparison
    shown = showsAll ? comparison.figures : comparison.figures.filter { $0.direction != nil }
  }

  func text(_ terminal: Terminal) -> String {
    let pipelines = Set(comparison.runs.map(\.request.pipeline)).sorted().map { "“\($0)”" }.joined(separator: ", ")
    let heading = "\(Figures.counted(comparison.runs.count, "run")) of \(pipelines)"
    guard !shown.isEmpty else {
      return heading
        + (comparison.figures.isEmpty
          ? ": their stages recorded no figures.\n" : ": no figures of quality or speed; see all with --all.\n")
    }
    let blocks = columns(for: terminal.width).map { columns in
      table(columns).lines(width: terminal.width, style: terminal.style).joined(separator: "\n")
    }
    let hidden = comparison.figures.count - shown.count
    return heading + "\n\n" + blocks.joined(separator: "\n\n") + "\n\n* the best of a row"
      + (hidden > 0 ? "; \(Figures.counted(hidden, "more figure")) with --all" : "") + "\n"
  }

  /// The runs of each block that fits into `width` columns.
  private func columns(for width: Int?) -> [[Int]] {
    let all = Array(comparison.runs.indices)
    guard let width else { return [all] }
    let first = min((shown.map { TextWidth.of($0.name) } + [24]).max() ?? 24, 34)
    var blocks: [[Int]] = []
    var used = first
    for column in all {
      let needed = 2 + cells(column).reduce(0) { max($0, TextWidth.of($1)) }
      if blocks.isEmpty || used + needed > width {
        blocks.append([])
        used = first
      }
      blocks[blocks.count - 1].append(column)
      used += needed
    }
    return blocks
  }

  /// What stands in a run's column, from its head on.
  private func cells(_ column: Int) -> [String] {
    let run = comparison.runs[column]
    return ["run \(run.id)", run.outcome == .succeeded ? "" : run.outcome.rawValue]
      + comparison.options.map { TextWidth.cut($0.values[column] ?? "–", to: 16) }
      + shown.map { figure in
        (figure.values[column].map(FigureText.text) ?? "–") + (figure.best.contains(column) ? "*" : " ")
      }
  }

  private func table(_ columns: [Int]) -> Table {
    let cells = columns.map(self.cells)
    let names = ["outcome"] + comparison.options.map { "--\($0.name)" } + shown.map(\.name)
    let isAllFine = comparison.runs.allSatisfy { $0.outcome == .succeeded }
    let rows = names.indices.map { row in [names[row]] + cells.map { $0[row + 1] } }
    return Table(
      [.init("")] + cells.map { .init($0[0], isNumber: true) }, rows: isAllFine ? Array(rows.dropFirst()) : rows)
  }

  /// A line for each run, with all of its figures.
  var json: String {
    comparison.runs.indices.map { column in
      let run = comparison.runs[column]
      let options = run.request.options.sorted { $0.key < $1.key }
      let figures = comparison.figures.compactMap { figure in
        figure.values[column].map { value in
          JSONLine.fields([
            "label": .string(figure.label), "metric": .string(figure.metric), "value": .number(value),
            "best": .bool(figure.best.contains(column)),
          ])
        }
      }
      return JSONLine.fields([
        "run": .integer(Int(run.id.value)), "pipeline": .string(run.request.pipeline),
        "outcome": .string(run.outcome.rawValue), "started": .number(run.request.startedAt),
        "options": .object(options.map { .init($0.key, .string($0.value)) }), "figures": .array(figures),
      ]).line + "\n"
    }.joined()
  }
}
