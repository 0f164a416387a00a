import Artifacts
import Training

/// Turns what stands in the target's column into a target.
struct TargetReader {
  private let target: TaskTarget
  private let range: ClosedRange<Double>?
  /// Names of labels by what stands for them in the file; nil where these are the names.
  private let names: [String: String]?

  init<Kind: TaskKind>(_ format: TaskFormat<Kind>) {
    target = format.target
    range = format.range
    names = format.labels.map { labels in
      Dictionary(labels.map { ($0.value, $0.name) }) { first, _ in first }
    }
  }

  var isLabel: Bool { if case .label = target { true } else { false } }

  /// The scheme of tags; plain for other targets.
  var scheme: TagScheme { if case .tags(let scheme) = target { scheme } else { .plain } }

  func target(_ text: String, at place: Place) throws(RetortError) -> TaskRow.Target {
    switch target {
    case .label, .tags:
      guard !text.isEmpty else {
        throw RetortError("data.label", "The label is empty.", remedy: "Label every example.", at: place)
      }
      return .label(text)
    case .value, .grade: return .value(try number(text, at: place))
    }
  }

  private func number(_ text: String, at place: Place) throws(RetortError) -> Double {
    let isDecimal = text.utf8.allSatisfy { (48...57).contains($0) || "+-.eE".utf8.contains($0) }
    guard isDecimal, let value = Double(text), value.isFinite else {
      throw RetortError(
        "data.value", text.isEmpty ? "The value is empty." : "“\(text.clipped)” is no number.",
        remedy: "Write a decimal number such as 3.5 for every example.", at: place)
    }
    if case .grade = target, value < 0 {
      throw RetortError(
        "data.value", "The grade \(text) is below 0.", remedy: "Write 0 for what is not relevant, and more for more.",
        at: place)
    }
    if let range, !range.contains(value) {
      throw RetortError(
        "data.value", "\(text) is not in \(range.lowerBound) … \(range.upperBound).",
        remedy: "Correct it, or give the range of the values in the format.", at: place)
    }
    return value
  }

  /// The tags of a sentence, in IOB2 where they mark spans.
  func tags(_ tags: [String], at places: [Place]) throws(RetortError) -> TaskRow.Target {
    var named = tags
    if let names {
      for (word, tag) in tags.enumerated() {
        guard let name = names[tag] else { throw Self.unknown(tag, names.keys.sorted(), at: places[word]) }
        named[word] = name
      }
    }
    do {
      return .tags(try scheme.converted(named))
    } catch {
      throw RetortError("data.tag", error.reason, remedy: error.remedy, at: places[error.word])
    }
  }

  static func unknown(_ label: String, _ labels: [String], at place: Place) -> RetortError {
    let shown = labels.prefix(20).map { "“\($0.clipped)”" }.joined(separator: ", ")
    return RetortError(
      "data.unknown-label",
      "The label “\(label.clipped)” is none of \(shown)\(labels.count > 20 ? " and \(labels.count - 20) more" : "").",
      remedy: "Correct it, or list all labels in the format.", at: place)
  }
}

extension String {
  /// The beginning, as errors quote what stands in a file.
  var clipped: String { utf8.count <= 80 ? self : prefix(60) + "…" }
}

extension TaskRow {
  /// - Throws: `data.empty-text`.
  static func filled(_ text: String, at place: Place) throws(RetortError) -> String {
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw RetortError("data.empty-text", "The text is empty.", remedy: "Remove the line, or fill it.", at: place)
    }
    return text
  }
}
