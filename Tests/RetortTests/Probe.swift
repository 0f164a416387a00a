import Foundation
import Testing

/// Calls a program of this package as a user does: a process with streams of its own.
struct Probe {
  var folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "retort-probe-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  struct Ending {
    var status: Int32
    var output: String
    var errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// Every line of the output as a JSON object.
    func objects() throws -> [[String: Any]] {
      try lines.map { line in
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
      }
    }
  }

  /// A program at work.
  struct Running {
    var process: Process
    fileprivate var files: [URL]

    private func text(_ file: URL) throws -> String { String(decoding: try Data(contentsOf: file), as: UTF8.self) }

    /// Waits until a line with all of `parts` stands on stdout.
    func wait(for parts: String...) throws {
      let end = Date(timeIntervalSinceNow: 60)
      while Date() < end, process.isRunning {
        let lines = try text(files[0]).split(separator: "\n")
        if lines.contains(where: { line in parts.allSatisfy { line.contains($0) } }) { return }
        usleep(10_000)
      }
      Issue.record("\(parts) never came; stderr: \(try text(files[1]))")
    }

    /// Waits for the end.
    func finish() throws -> Ending {
      process.waitUntilExit()
      defer { for file in files { try? FileManager.default.removeItem(at: file) } }
      return Ending(status: process.terminationStatus, output: try text(files[0]), errors: try text(files[1]))
    }
  }

  /// The folder of the built programs: that of the running tests.
  static var products: URL {
    URL(
      filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        ?? CommandLine.arguments[0]
    )
    .deletingLastPathComponent()
  }

  func start(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Running {
    let process = Process()
    process.executableURL = Self.products.appending(path: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let names = [UUID().uuidString, UUID().uuidString].map { folder.appending(path: $0) }
    for name in names { _ = FileManager.default.createFile(atPath: name.path, contents: nil) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: names[0])
    process.standardError = try FileHandle(forWritingTo: names[1])
    try process.run()
    return Running(process: process, files: names)
  }

  /// Runs the probe pipeline to its end.
  func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Ending {
    try start("ProgramProbe", arguments, environment: environment).finish()
  }
}
