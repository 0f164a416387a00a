import Declaring
import FoundationEssentials

/// What a command sees of this machine beside its program: its environment.
enum CommandSurroundings {
  /// What every command gets, no part of its key: programs hardly work without.
  ///
  /// | variable | value |
  /// | --- | --- |
  /// | `PATH` | as it is here |
  /// | `HOME` | as it is here, if it is set |
  /// | `TMPDIR` | an empty folder of the attempt's own |
  /// | `LANG` | `C.UTF-8`, so that no output depends on who runs it |
  static func base(_ process: [String: String], scratch: FilePath) -> [String: String] {
    var base = ["PATH": path(of: process), "TMPDIR": scratch.string, "LANG": "C.UTF-8"]
    base["HOME"] = process["HOME"]
    return base
  }

  static func path(of process: [String: String]) -> String {
    process["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
  }

  /// - Parameters:
  ///   - declared: values by name; nil for a variable that is not set, whatever the base says.
  ///   - secrets: names of variables that are passed on if they are set.
  static func environment(
    declared: [String: String?], secrets: [String], scratch: FilePath, process: [String: String]
  ) -> [String: String] {
    var environment = base(process, scratch: scratch)
    for name in secrets { environment[name] = process[name] }
    for (name, value) in declared { environment[name] = value }
    return environment
  }

  static var process: [String: String] { ProcessInfo.processInfo.environment }
}
