import Artifacts
import FoundationEssentials
import Planning

/// Turns errors into what a user reads: code, sentence, place, cause, remedy. The only place that does.
package struct ErrorRenderer: Sendable {
  package var style: Style
  /// Nil where nothing limits a line.
  package var width: Int?

  package init(style: Style = .plain, width: Int? = 80) {
    self.style = style
    self.width = width
  }

  package init(_ terminal: Terminal) { self.init(style: terminal.style, width: terminal.width) }

  /// The lines for any error.
  package func lines(for error: any Error) -> [String] {
    if let faults = error as? any FaultCollection { return lines(forFaults: faults.faults) }
    return lines(for: Self.described(error))
  }

  package func text(for error: any Error) -> String { lines(for: error).joined(separator: "\n") }

  /// Several faults found together, before anything ran.
  package func lines(forFaults faults: [RetortError]) -> [String] {
    var lines: [String] = []
    for fault in faults { lines += self.lines(for: fault) }
    let noun = Figures.counted(faults.count, "fault")
    lines.append("")
    lines.append(style.bold("\(noun) in the pipeline; nothing ran."))
    return lines
  }

  /// Something odd that stops nothing.
  package func text(forWarning warning: String) -> String {
    wrapped("\(style.bold(style.yellow("warning"))): ", warning, indent: "  ").joined(separator: "\n")
  }

  private func lines(for error: RetortError) -> [String] {
    error.code == "run.interrupted"
      ? [style.yellow(error.message)] + detail(error.remedy, "resume") : lines(for: error, title: style.red("error"))
  }

  private func lines(for error: RetortError, title: String) -> [String] {
    var lines = wrapped("\(style.bold(title))[\(error.code.rawValue)]: ", error.message, indent: "  ")
    if let place = Self.text(error.place) { lines += detail(place, "at") }
    for cause in Self.causes(of: error) { lines += detail(cause, "cause") }
    lines += detail(error.remedy, "help")
    if error.blame == .internal {
      lines += detail("This is a defect of Retort or of a stage. Please report it with this message.", "note")
    }
    return lines
  }

  private func detail(_ text: String, _ name: String) -> [String] {
    text.isEmpty ? [] : wrapped("  \(style.cyan(name)): ", text, indent: "    ")
  }

  private func wrapped(_ head: String, _ text: String, indent: String) -> [String] {
    guard let width else { return [head + text] }
    let visible = TextWidth.of(Self.uncoloured(head))
    var lines: [String] = []
    // The head counts as one word of its own width, so that the first line breaks where the others do.
    for (index, line) in TextWidth.wrap(String(repeating: "x", count: visible) + text, to: max(24, width)).enumerated()
    {
      lines.append(index == 0 ? head + line.dropFirst(visible) : line)
    }
    let rest = TextWidth.wrap(lines.dropFirst().joined(separator: " "), to: max(24, width - indent.count))
    return [lines[0]] + (lines.count > 1 ? rest.map { indent + $0 } : [])
  }

  private static func uncoloured(_ text: String) -> String {
    text.replacing(/\u{1B}\[[0-9]+m/, with: "")
  }

  /// The place in words: stage, file with line and column, field.
  static func text(_ place: Place) -> String? {
    var parts: [String] = []
    if let stage = place.stage { parts.append("stage “\(stage)”") }
    if let file = place.file {
      parts.append(([file] + [place.line, place.column].compactMap { $0.map(String.init) }).joined(separator: ":"))
    }
    if let field = place.field { parts.append(place.stage == nil ? field : "option “\(field)”") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// What lay below, outermost first; repetitions of what was said already are left out.
  static func causes(of error: RetortError) -> [String] {
    var causes: [String] = []
    var next = error.cause
    while let cause = next, causes.count < 6 {
      let described = described(cause)
      let place = text(described.place).map { " (\($0))" } ?? ""
      let sentence = described.message + place
      if sentence != error.message, !causes.contains(sentence) { causes.append(sentence) }
      next = described.cause
    }
    return causes
  }
}

/// An error that holds several.
package protocol FaultCollection: Error {
  var faults: [RetortError] { get }
}

extension ErrorRenderer {
  /// Any error as one of Retort's own.
  package static func described(_ error: any Error) -> RetortError {
    switch error {
    case let error as RetortError: error
    case is CancellationError:
      RetortError("run.interrupted", "Interrupted.", blame: .environment)
    case let error as Errno:
      RetortError("system.call", "The system says: \(error).", blame: .environment)
    case let error as DecodingError: described(error)
    case let error as any LocalizedError where error.errorDescription != nil:
      RetortError("unknown", error.errorDescription ?? "", remedy: error.recoverySuggestion ?? "", blame: .stage)
    default:
      RetortError("unknown", "\(type(of: error)): \(error)", blame: .stage)
    }
  }

  private static func described(_ error: DecodingError) -> RetortError {
    func path(_ context: DecodingError.Context) -> Place {
      let keys = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      return Place(field: keys.isEmpty ? nil : keys.joined(separator: "."))
    }
    return switch error {
    case .keyNotFound(let key, let context):
      RetortError("decode.missing", "The field “\(key.stringValue)” is missing.", at: path(context))
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      RetortError("decode.form", context.debugDescription, at: path(context))
    @unknown default: RetortError("decode.form", "The content has another form than was expected.")
    }
  }

  /// An error as one JSON line's object.
  package static func json(_ error: any Error) -> JSONLine {
    if let faults = error as? any FaultCollection {
      return .fields(["faults": .array(faults.faults.map { json($0) })])
    }
    let described = described(error)
    return .fields([
      "code": .string(described.code.rawValue), "message": .string(described.message),
      "remedy": described.remedy.isEmpty ? nil : .string(described.remedy),
      "stage": described.place.stage.map { .string($0) }, "file": described.place.file.map { .string($0) },
      "line": described.place.line.map { .integer($0) }, "column": described.place.column.map { .integer($0) },
      "field": described.place.field.map { .string($0) }, "blame": .string(described.blame.rawValue),
      "causes": described.cause == nil ? nil : .strings(causes(of: described)),
    ])
  }
}

extension PlanFaults: FaultCollection {}
