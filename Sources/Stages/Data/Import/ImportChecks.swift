import Declaring
import Training

extension Forecast {
  /// Notes faults of the shares of parts.
  mutating func check(_ split: TaskSplit, hasDev: Bool, hasTest: Bool) {
    for (field, share) in [("split.dev", split.dev), ("split.test", split.test)] {
      require(
        share >= 0 && share < 1, field, "The share is \(share), not at least 0 and below 1.",
        remedy: "Give a share such as 0.1.")
    }
    require(
      (hasDev ? 0 : split.dev) + (hasTest ? 0 : split.test) < 1, "split",
      "The parts leave nothing to train on.", remedy: "Lower the shares of dev and test.")
  }

  /// Notes faults of a format.
  mutating func check<Kind: TaskKind>(_ format: TaskFormat<Kind>) {
    if let labels = format.labels {
      check(labels: labels.map(\.name), field: "format.labels")
      require(
        Set(labels.map(\.value)).count == labels.count && Set(labels.map(\.name)).count == labels.count,
        "format.labels", "A label is there twice.", remedy: "Give each label once, with a name of its own.")
    }
    for (option, column) in format.columns {
      switch (column, format.syntax) {
      case (.number(let number), .table), (.number(let number), .words):
        require(
          number >= 1, "format.\(option)", "There is no column \(number).", remedy: "Columns count from 1.")
      case (.number, .jsonLines), (.last, .jsonLines):
        fault("format.\(option)", "Fields of JSON have names, not numbers.", remedy: "Give the field's name.")
      case (.name(let name), .words):
        fault(
          "format.\(option)", "The columns of such a file have no names, and “\(name)” is asked for.",
          remedy: "Give its number, from 1.")
      default: break
      }
    }
    if case .table(let syntax) = format.syntax {
      let byte = syntax.delimiter.utf8.first ?? 0
      require(
        syntax.delimiter.utf8.count == 1 && byte < 0x80 && ![0, 10, 13, 34].contains(byte), "format.delimiter",
        "“\(syntax.delimiter)” cannot stand between values.", remedy: "Give one ASCII character such as a comma.")
      let asksForName = format.columns.contains { if case .name = $0.column { true } else { false } }
      require(
        !(syntax.header == false && asksForName), "format.header",
        "A column is asked for by name, and the file is said to have no header.",
        remedy: "Give the columns by number, from 1.")
    }
    if case .labelledLines(let end?) = format.syntax {
      require(!end.isEmpty, "format.upTo", "It is empty.", remedy: "Give what ends the label, or leave it out.")
    }
    if case .words(let syntax) = format.syntax, let comment = syntax.comment {
      require(!comment.isEmpty, "format.comment", "It is empty.", remedy: "Give what comments begin with.")
    }
    if let range = format.range {
      require(
        range.lowerBound.isFinite && range.upperBound.isFinite && range.lowerBound < range.upperBound, "format.range",
        "The range \(range) holds fewer than two numbers.", remedy: "Give the least and the greatest value.")
    }
  }
}

extension TagScheme {
  /// The labels of a model where a format lists tags by name.
  func labels(named names: [String]) -> [String] { self == .plain ? names : labels(ofTags: names) }
}
