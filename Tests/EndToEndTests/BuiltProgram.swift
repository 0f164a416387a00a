import Foundation

/// A program of this package as it was built beside the tests, run as its own process.
struct BuiltProgram {
  let name: String
  /// The folder to run in; relative paths, such as the default cache, belong to it.
  var folder: URL
  var environment: [String: String] = [:]
  /// What it reads from stdin; nothing by default.
  var input: Data?

  init(_ name: String, in folder: URL) {
    self.name = name
    self.folder = folder
  }

  static let products: URL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

  var executable: URL { Self.products.appending(path: name) }

  struct Result {
    var status: Int32
    /// True where a signal ended it.
    var wasKilled: Bool
    var output: String
    var errors: String
    var seconds: Double

    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// When to send SIGKILL.
  struct Kill {
    var seconds: Double
    /// From when the seconds count: once this holds of what the program has written; nil for its start.
    var since: ((String) -> Bool)?
  }

  /// Runs to the end, or until `killAfter` seconds have passed, and then sends SIGKILL.
  func run(_ arguments: [String], killAfter: Double? = nil) throws -> Result {
    try run(arguments, kill: killAfter.map { Kill(seconds: $0) })
  }

  /// Runs to the end, or until it is killed.
  func run(_ arguments: [String], kill instant: Kill?) throws -> Result {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let given = folder.appending(path: ".\(UUID().uuidString).in")
    defer { try? FileManager.default.removeItem(at: given) }
    if let input { try input.write(to: given) }
    process.standardInput = input == nil ? FileHandle.nullDevice : try FileHandle(forReadingFrom: given)
    // Files, not pipes: a full pipe would stop the program.
    let out = folder.appending(path: ".\(UUID().uuidString).out")
    let err = folder.appending(path: ".\(UUID().uuidString).err")
    defer { for file in [out, err] { try? FileManager.default.removeItem(at: file) } }
    for file in [out, err] { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    let start = ContinuousClock.now
    try process.run()
    if let instant {
      var from: ContinuousClock.Instant? = instant.since == nil ? start : nil
      while process.isRunning, from.map({ ContinuousClock.now - $0 < .seconds(instant.seconds) }) ?? true {
        usleep(from == nil ? 5000 : 1000)
        if from == nil, let since = instant.since, since(String(decoding: try Data(contentsOf: out), as: UTF8.self)) {
          from = .now
        }
      }
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
    process.waitUntilExit()
    let time = (ContinuousClock.now - start).components
    return Result(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
      output: String(decoding: try Data(contentsOf: out), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: err), as: UTF8.self),
      seconds: Double(time.seconds) + Double(time.attoseconds) * 1e-18)
  }
}

/// A folder that goes with the value's owner.
final class TemporaryFolder {
  let url: URL

  init(_ hint: String = "test") throws {
    url = FileManager.default.temporaryDirectory.appending(path: "retort-\(hint)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}
