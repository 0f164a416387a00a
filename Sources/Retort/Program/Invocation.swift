import FoundationEssentials

/// How the program was called.
struct Invocation: Sendable {
  /// The command line after the program's name, as the user wrote it: what `resume` replays.
  var arguments: [String]
  /// The program as a user would call it again, such as `.build/release/sst2`.
  var program: String
  /// What was begun before the command line was read.
  var anticipation: Anticipation?

  /// A path as it is typed from the present folder.
  static func short(_ path: String) -> String {
    let here = FileManager.default.currentDirectoryPath
    return path.hasPrefix(here + "/") ? String(path.dropFirst(here.count + 1)) : path
  }

  /// The last part of the program's path.
  static var programName: String {
    let path = CommandLine.arguments.first ?? "pipeline"
    return path.split(separator: "/").last.map(String.init) ?? "pipeline"
  }
}
