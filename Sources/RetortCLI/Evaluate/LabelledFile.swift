import ArgumentParser
import FoundationEssentials
import Retort
import Stages
import Training

/// Labelled examples in a file of the user's, for a model that exists.
struct LabelledFile: ParsableArguments {
  @Option(help: ArgumentHelp("The file of labelled examples.", valueName: "file"), completion: .file()) var data: String
  @Option(help: "How it is written. (default: by the file's ending)") var format: Syntax?
  @Option(
    help: ArgumentHelp(
      "The column of the text, of a ranking's query, of a tagger's words: a name in the header, or a number from 1.",
      valueName: "column"))
  var text: String?
  @Option(help: ArgumentHelp("The column of the second text, or of a ranking's passage.", valueName: "column"))
  var pair: String?
  @Option(help: ArgumentHelp("The column of the label, value, grade or tag. (default: label)", valueName: "column"))
  var label: String?
  @Option(
    help: ArgumentHelp(
      "The column of the query's id: makes it a ranking. Without one, equal queries are one.", valueName: "column"))
  var group: String?

  enum Syntax: String, CaseIterable, ExpressibleByArgument {
    case tsv, csv, jsonl, conll
  }

  /// Reads the file for a model.
  ///
  /// - Parameter labels: the model's, in order. The file may name them, or number them from 0.
  /// - Throws: as an import does, with file, line and column.
  func examples(of form: TaskForm, labels: [String]) throws -> [LabelledExample] {
    switch form {
    case .classification: try read(classes(labels), labels)
    case .regression: try read(values, [])
    case .ranking: try read(candidates, [])
    case .tagging: try read(tags, labels)
    }
  }

  private func read<Kind: TaskKind>(_ format: TaskFormat<Kind>, _ labels: [String]) throws -> [LabelledExample] {
    guard FileManager.default.fileExists(atPath: data) else {
      throw RetortError("file.missing", "There is no such file.", remedy: "Check the path.", at: Place(file: data))
    }
    var examples: [LabelledExample] = []
    try format.forEachExample(in: FilePath(data), named: data, labels: labels) { examples.append($0) }
    guard !examples.isEmpty else {
      throw RetortError(
        "data.empty", "There are no examples in it.", remedy: "Give a file with one example a line.",
        at: Place(file: data))
    }
    return examples
  }

  private var syntax: Syntax {
    if let format { return format }
    switch FilePath(data).extension?.lowercased() {
    case "csv": return .csv
    case "jsonl", "json", "ndjson": return .jsonl
    case "conll", "bio", "iob", "iob2": return .conll
    default: return .tsv
    }
  }

  private func column(_ name: String?, _ standard: String) -> TaskColumn {
    guard let name else { return .name(standard) }
    return syntax == .jsonl ? .name(name) : Int(name).map { .number($0) } ?? .name(name)
  }

  private func optional(_ name: String?) -> TaskColumn? { name.map { column($0, $0) } }

  /// Labels may stand in the file by number where no name of the model's is one.
  private func classes(_ labels: [String]) throws -> TaskFormat<Classification> {
    let areNumbers = labels.contains { Int($0) != nil }
    let numbered = labels.enumerated().map { TaskLabel("\($0)", $1) }
    let (text, label) = (column(text, "text"), column(label, "label"))
    var format: TaskFormat<Classification>
    switch syntax {
    case .tsv: format = .tsv(text: text, pair: optional(pair), label: label, group: optional(group))
    case .csv: format = .csv(text: text, pair: optional(pair), label: label, group: optional(group))
    case .jsonl: format = .jsonLines(text: text, pair: optional(pair), label: label, group: optional(group))
    case .conll: throw Self.unfit("The model labels whole texts, and the file has words.")
    }
    format.labels = areNumbers ? nil : numbered
    return format
  }

  private var values: TaskFormat<Regression> {
    get throws {
      let (text, label) = (column(text, "text"), column(label, "label"))
      return switch syntax {
      case .tsv: .tsv(text: text, pair: optional(pair), value: label, group: optional(group))
      case .csv: .csv(text: text, pair: optional(pair), value: label, group: optional(group))
      case .jsonl: .jsonLines(text: text, pair: optional(pair), value: label, group: optional(group))
      case .conll: throw Self.unfit("The model gives whole texts a number, and the file has words.")
      }
    }
  }

  private var candidates: TaskFormat<Ranking> {
    get throws {
      let (query, passage, grade) = (column(text, "query"), column(pair, "passage"), column(label, "label"))
      return switch syntax {
      case .tsv: .tsv(query: query, candidate: passage, grade: grade, group: optional(group))
      case .csv: .csv(query: query, candidate: passage, grade: grade, group: optional(group))
      case .jsonl: .jsonLines(query: query, candidate: passage, grade: grade, group: optional(group))
      case .conll: throw Self.unfit("The model ranks passages, and the file has words.")
      }
    }
  }

  private var tags: TaskFormat<Tagging> {
    syntax == .jsonl
      ? .jsonLines(words: column(text, "words"), tags: column(label, "tags"))
      : .conll(
        word: text.map { column($0, $0) } ?? .number(1), tag: label.map { column($0, $0) } ?? .last)
  }

  private static func unfit(_ message: String) -> RetortError {
    RetortError("evaluate.format", message, remedy: "Give a TSV, CSV or JSON-lines file.", at: Place(field: "--format"))
  }
}
