import Artifacts

/// Puts a command line into the order that swift-argument-parser understands: the command's name first.
///
/// It would otherwise look for the name only behind options that the root command knows, so that `sst2 --cache c plan`
/// and `sst2 plan --cache c` would differ.
struct ArgumentOrder {
  /// The command that was named; nil where none was.
  var command: String?
  /// Everything else, in order.
  var rest: [String]

  /// Stands for all labels in `--force` and `--isolate` without one.
  static let everything = "*"
  private static let mayLackLabels: Set = ["--force", "--isolate"]

  init(_ arguments: [String], commands: [String], parameters: [Parameter]) throws {
    var arities = ReservedNames.options
    arities["--generate-completion-script"] = .value
    for parameter in parameters {
      for name in parameter.names { arities[name] = parameter.arity }
    }
    let takesPositionals = parameters.contains { $0.arity == .positional }
    var rest: [String] = []
    var command: String?
    // What stands behind an unknown option may be its value: the parser then says what is wrong.
    var hasUnknown = false
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if argument == "--" {
        rest.append(contentsOf: arguments[(index - 1)...])
        break
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        if command == nil {
          if commands.contains(argument) {
            command = argument
            continue
          }
          if !takesPositionals, !hasUnknown { throw Self.unknown(argument, commands) }
        }
        rest.append(argument)
        continue
      }
      let values = Self.values(of: argument, arities, arguments[index...], until: command == nil ? commands : [])
      index += values.count
      if arities[argument] == nil, !argument.contains("="), !ReservedNames.builtIn.contains(argument) {
        hasUnknown = true
      }
      if Self.mayLackLabels.contains(argument), values.isEmpty {
        rest.append("\(argument)=\(Self.everything)")
      } else {
        rest.append(argument)
        rest.append(contentsOf: values)
      }
    }
    self.command = command
    self.rest = rest
  }

  /// The arguments that belong to the option before them.
  private static func values(
    of option: String, _ arities: [String: Parameter.Arity], _ following: ArraySlice<String>,
    until commands: [String]
  ) -> [String] {
    guard !option.contains("=") else { return [] }
    switch arities[option] {
    case .value: return following.first.map { $0 == "--" ? [] : [$0] } ?? []
    case .values: return Array(following.prefix { (!$0.hasPrefix("-") || $0 == "-") && !commands.contains($0) })
    default: return []
    }
  }

  private static func unknown(_ word: String, _ commands: [String]) -> RetortError {
    RetortError(
      "usage.command", "There is no command “\(word)”.",
      remedy: Suggestion.hint(for: word, among: commands.sorted(), noun: "command"))
  }
}
