import Artifacts

/// The names that every pipeline's program has for itself. A pipeline's parameter may have none of them.
///
/// swift-argument-parser notices such a clash in debug builds only, and by ending the process.
enum ReservedNames {
  /// Options of the commands by name, with what they take.
  static let options: [String: Parameter.Arity] = [
    "--cache": .value, "--jobs": .value, "--threads": .value, "--only": .value, "--until": .value, "--from": .value,
    "--force": .values, "--isolate": .values, "--keep-going": .flag, "--seed": .value, "--checkpoint-every": .value,
    "--json": .flag, "--progress": .value, "--report": .value, "--on-finish": .value, "--code-changes": .value,
    "--verbose": .flag, "--format": .value, "--search": .value, "--from-sources": .flag, "--any-profile": .flag,
    "--sample": .value, "--device": .value, "--memory": .value, "--retries": .value, "--timeout": .value,
  ]

  /// What swift-argument-parser adds.
  static let builtIn = [
    "--help", "-h", "--help-hidden", "--version", "--generate-completion-script", "--experimental-dump-help",
  ]

  /// The parameters that a pipeline declares.
  ///
  /// - Throws: where a name is taken.
  static func checkedParameters<Program: PipelineProgram>(of program: Program.Type) throws -> [Parameter] {
    let parameters = try Parameter.all(of: program)
    try check(parameters, of: program.name)
    return parameters
  }

  /// Throws for the first parameter whose name is taken, by a command or by another parameter.
  static func check(_ parameters: [Parameter], of pipeline: String) throws {
    var seen: Set<String> = []
    for name in parameters.flatMap(\.names) {
      if options[name] != nil || builtIn.contains(name) {
        throw RetortError(
          "program.option-clash",
          "The pipeline “\(pipeline)” declares the option \(name), which every pipeline's program already has.",
          remedy:
            "Rename the property, or give it a name of its own: @Option(name: .customLong(\"my\(name.dropFirst()))\").",
          at: Place(field: name))
      }
      if !seen.insert(name).inserted {
        throw RetortError(
          "program.option-clash", "The pipeline “\(pipeline)” declares the option \(name) twice.",
          remedy: "Rename one of the two properties.", at: Place(field: name))
      }
    }
  }
}
