import Artifacts
import Executing
import Foundation
import Storing
import Testing

/// Real processes, really killed while they run a pipeline: the next run goes on and ends with the digests of one that
/// was never disturbed.
@Suite(.serialized) struct KillTests {
  let root: FilePath

  init() throws { root = try temporaryFolder() }

  private static let isChaos = ProcessInfo.processInfo.environment["RETORT_CHAOS"] != nil

  /// What an undisturbed run says and delivers.
  private static let calm = Result { () -> (lines: [String], files: [String: [UInt8]]) in
    let root = try temporaryFolder()
    defer { try? Files.remove(root) }
    let outcome = try EngineProcess(root).wait()
    #expect(outcome.status == 0)
    return (outcome.digests, try delivered(root))
  }

  private static func delivered(_ root: FilePath) throws -> [String: [UInt8]] {
    let out = root.appending("out")
    guard try Files.status(of: out) != nil else { return [:] }
    var files: [String: [UInt8]] = [:]
    for name in try Files.names(in: out) where !name.hasPrefix(".") {
      files[name] = try Files.read(out.appending(name))
    }
    return files
  }

  /// Runs again where a process was killed and compares everything.
  private func check(_ killed: EngineProcess.Outcome, in folder: FilePath, _ hint: Comment) throws {
    let calm = try Self.calm.get()
    let again = try EngineProcess(folder).wait()
    #expect(again.status == 0, "\(hint): \(again.lines)")
    // Sub-stages of a cached stage are not asked for again.
    #expect(Set(again.digests).isSubset(of: calm.lines), hint)
    #expect(again.digests.count >= calm.lines.count - 2, hint)
    #expect(try Self.delivered(folder) == calm.files, hint)
    // What had finished is not computed again.
    let finished = Set(killed.labels("finished"))
    #expect(finished.isDisjoint(with: again.labels("finished")), hint)
    let cache = try Cache(folder.appending("cache"))
    #expect(try cache.verify().isSound, hint)
    _ = try cache.gc()
    #expect(try Files.names(in: cache.root.appending("checkpoints")).isEmpty, hint)
    try Files.remove(folder)
  }

  @Test(arguments: [
    "checkpoint.begin:3", "checkpoint.piece:1", "checkpoint.piece:8", "checkpoint.written:2", "checkpoint.replaced:1",
    "step.leased:4", "step.started:5", "step.computed:3", "step.published:6", "deliver.announced:1", "deliver.file:1",
    "object.rename:2", "journal.append:7",
  ])
  func atNamedPoints(point: String) throws {
    let folder = root.appending("p")
    let killed = try EngineProcess(folder, ["RETORT_KILL_AT": point]).wait()
    #expect(killed.wasKilled, "\(point) was not passed")
    try check(killed, in: folder, "\(point)")
    try Files.remove(root)
  }

  /// Every call that changes the disk is an instant to die at; CI takes some of them.
  @Test func atCallsThatChangeTheDisk() throws {
    let stride = Self.isChaos ? 1 : 41
    var call = 1
    while true {
      let folder = root.appending("c\(call)")
      let killed = try EngineProcess(folder, ["RETORT_FAULT": "any:\(call):KILL"]).wait()
      guard killed.wasKilled else {
        #expect(killed.status == 0)
        break
      }
      try check(killed, in: folder, "call \(call)")
      call += stride
    }
    #expect(call > 100)
    try Files.remove(root)
  }

  @Test func atRandomInstants() throws {
    var random = SplitMix(state: 2_026)
    for trial in 0..<(Self.isChaos ? 200 : 6) {
      let folder = root.appending("r\(trial)")
      let process = try EngineProcess(folder)
      usleep(UInt32.random(in: 1_000...120_000, using: &random))
      process.kill()
      let killed = try process.wait()
      try check(killed, in: folder, "trial \(trial)")
    }
    try Files.remove(root)
  }

  @Test func eightProcessesComputeEachKeyOnce() throws {
    let ledger = root.appending("ledger")
    try Files.replace(ledger, with: [])
    let folders = root.appending("shared")
    let processes = try (0..<8).map { index in
      try EngineProcess(folders, ["PROBE_LEDGER": ledger.string], width: 4, out: "out\(index)")
    }
    let outcomes = try processes.map { try $0.wait() }
    for outcome in outcomes { #expect(outcome.status == 0, "\(outcome.lines)") }
    let computed = String(decoding: try Files.read(ledger), as: UTF8.self).split(separator: "\n").sorted()
    #expect(
      computed == [
        "export", "search", "total", "train 12 8", "train 15 8", "train 3 3", "train 3 5", "train 6 8", "train 9 8",
      ])
    let digests = outcomes.map { $0.digests.filter { !$0.contains("/") } }
    #expect(digests.allSatisfy { $0 == digests[0] })
    #expect(try Cache(folders.appending("cache")).verify().isSound)
    try Files.remove(root)
  }
}

/// `EngineProbe` as its own process.
struct EngineProcess {
  struct Outcome {
    var status: Int32
    var wasKilled: Bool
    var lines: [String]

    var digests: [String] { lines.filter { $0.hasPrefix("digest ") }.sorted() }
    func labels(_ word: String) -> [String] {
      lines.filter { $0.hasPrefix(word + " ") }.map { String($0.dropFirst(word.count + 1)) }
    }
  }

  private let process = Process()
  private let output: FilePath

  /// Runs the small pipeline.
  init(_ folder: FilePath, _ environment: [String: String] = [:], width: Int = 2, out: String = "out") throws {
    let arguments = [folder.appending("cache").string, folder.appending(out).string, "\(width)"]
    try self.init(arguments, environment, in: folder)
  }

  init(_ arguments: [String], _ environment: [String: String] = [:], in folder: FilePath) throws {
    try Files.makeFolder(folder)
    output = folder.appending("probe-\(UUID().uuidString).out")
    try Files.replace(output, with: [], isDurable: false)
    process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "EngineProbe")
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output.string))
    try process.run()
  }

  func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

  func wait() throws -> Outcome {
    process.waitUntilExit()
    let lines = String(decoding: try Files.read(output), as: UTF8.self).split(separator: "\n").map(String.init)
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal, lines: lines)
  }
}
