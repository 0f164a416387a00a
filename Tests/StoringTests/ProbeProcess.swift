import Artifacts
import Foundation

/// `StoreProbe` as its own process.
struct ProbeProcess {
  struct Outcome {
    var status: Int32
    var wasKilled: Bool
    var lines: [String]

    /// The numbers in the lines that begin with `word`.
    func numbers(_ word: String) -> [Int] {
      lines.filter { $0.hasPrefix(word + " ") }.compactMap { Int($0.split(separator: " ")[1]) }
    }
  }

  private let process = Process()
  private let output: FilePath

  init(_ arguments: [String], environment: [String: String] = [:], in folder: FilePath) throws {
    output = folder.appending("probe-\(UUID().uuidString).out")
    try Files.replace(output, with: [], isDurable: false)
    process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "StoreProbe")
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output.string))
    try process.run()
  }

  func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

  var isRunning: Bool { process.isRunning }

  var lines: [String] {
    get throws { String(decoding: try Files.read(output), as: UTF8.self).split(separator: "\n").map(String.init) }
  }

  func wait() throws -> Outcome {
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal, lines: try lines)
  }

  static func run(
    _ arguments: [String], environment: [String: String] = [:], in folder: FilePath
  ) throws -> Outcome {
    try ProbeProcess(arguments, environment: environment, in: folder).wait()
  }
}
