import ArgumentParser
import FoundationEssentials

/// A parameter that a pipeline declares, as swift-argument-parser describes it.
struct Parameter: Hashable, Sendable {
  /// With dashes: `--data`, `-d`.
  var names: [String]
  var arity: Arity

  enum Arity: Hashable, Sendable {
    case flag
    case value
    /// Takes every value up to the next option.
    case values
    case positional
  }

  /// The parameters of `type`, in order of declaration. Help flags are left out.
  static func all(of type: any ParsableArguments.Type) throws -> [Parameter] {
    let description = try JSONDecoder().decode(ToolDescription.self, from: Data(type._dumpHelp().utf8))
    return (description.command.arguments ?? []).compactMap { argument in
      let names = (argument.names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
      guard !names.contains("--help") else { return nil }
      return Parameter(names: names, arity: argument.arity)
    }
  }
}

/// The part of `--experimental-dump-help` that is needed here.
private struct ToolDescription: Decodable {
  var command: Command

  struct Command: Decodable {
    var arguments: [Argument]?
  }

  struct Argument: Decodable {
    var kind: String
    var names: [Name]?
    var parsingStrategy: String?

    var arity: Parameter.Arity {
      switch (kind, parsingStrategy) {
      case ("flag", _): .flag
      case ("positional", _): .positional
      case (_, "upToNextOption"), (_, "allRemainingInput"): .values
      default: .value
      }
    }
  }

  struct Name: Decodable {
    var kind: String
    var name: String
  }
}
