import Artifacts
import Foundation
import Supervising
import Testing

/// The lines of both outputs, and how the program ended.
struct Heard {
  var output: [String] = []
  var errors: [String] = []
  var result: ChildResult
}

/// Runs `sh -c SCRIPT` to its end.
func shell(
  _ script: String, _ arguments: [String] = [], environment: [String: String] = ["PATH": "/usr/bin:/bin"],
  folder: FilePath = "/", descriptors: [Int32] = [], grace: Double = 2, until stop: () -> Bool = { false }
) throws -> Heard {
  let program = ChildProgram(
    "/bin/sh", name: "sh", arguments: ["-c", script, "sh"] + arguments, environment: environment, folder: folder,
    descriptors: descriptors)
  var heard = Heard(result: ChildResult(ending: .exited(0), wasStopped: false, seconds: 0))
  heard.result = try Child(program, grace: grace).wait(until: stop) { stream, line in
    if stream == .output { heard.output.append(line) } else { heard.errors.append(line) }
  }
  return heard
}

/// Whether a process computes: one that has ended and was not yet waited for does not.
func isRunning(_ process: pid_t) -> Bool {
  guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
  // The name in parentheses may hold anything.
  let state = text.split(separator: ")").last?.split(separator: " ").first
  return state != "Z" && state != "X"
}

/// Waits until `condition` holds; false if it never does.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<1000 {
    if try condition() { return true }
    usleep(10_000)
  }
  return false
}

final class TemporaryFolder {
  let path: FilePath

  init() throws {
    path = FilePath(FileManager.default.temporaryDirectory.appending(path: "retort-child-\(UUID().uuidString)").path)
    try Files.makeFolder(path)
  }

  deinit { try? Files.remove(path) }

  func file(_ name: String, _ text: String, mode: Int = 0o644) throws -> FilePath {
    let file = path.appending(name)
    try Files.replace(file, with: Array(text.utf8), isDurable: false)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.string)
    return file
  }
}
