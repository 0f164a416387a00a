import Artifacts
import Foundation
import Histories
import Testing

/// The same histories as those of `WorldHistoryTests`, each run and each collection a process of its own, and some killed.
@Suite struct ProcessHistoryTests {
  /// 50 in CI, 2,000 in `make chaos`.
  @Test func agreeWithAnEvaluator() throws {
    let parent = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    var (kills, runs) = (0, 0)
    for seed in 0..<Chaos.count(50, chaos: 2_000) {
      let folder = FilePath(parent).appending("retort-process-\(seed)-\(UUID().uuidString)")
      try Files.makeFolder(folder)
      defer { try? Files.remove(folder) }
      var history = try ProcessHistory(seed, in: folder)
      let problems = try history.play()
      (kills, runs) = (kills + history.kills, runs + history.runs)
      for problem in problems { Issue.record("seed \(seed): \(problem)") }
      guard problems.isEmpty else { return }
    }
    #expect(kills >= runs / 12)
    print("process histories: \(runs) runs, \(kills) of them killed")
  }
}

private struct ProcessHistory {
  private let folder: FilePath
  private var random: Dice
  private var world: World
  private var ledger = Ledger()
  private(set) var kills = 0
  private(set) var runs = 0

  init(_ seed: Int, in folder: FilePath) throws {
    self.folder = folder
    random = Dice(seed: seed &+ 31_337)
    let files = folder.appending("files")
    try Files.makeFolder(files)
    world = World(count: Int.random(in: 5...9, using: &random), files: 2, in: files, using: &random)
    world.rerunsCode = Int.random(in: 0..<4, using: &random) == 0
    try world.writeFiles()
  }

  /// At which call that changes the disk the next process dies; nothing for most.
  private mutating func fate(_ range: ClosedRange<Int>) -> [String: String] {
    guard Int.random(in: 0..<3, using: &random) == 0 else { return [:] }
    return ["RETORT_FAULT": "any:\(Int.random(in: range, using: &random)):KILL"]
  }

  private func start(_ world: World, _ name: String, _ environment: [String: String]) throws -> EngineProcess {
    let file = folder.appending(name)
    try Files.replace(file, with: Array(try JSONEncoder().encode(world)), isDurable: false)
    return try EngineProcess(
      ["world", folder.appending("cache").string, file.string], environment, in: folder.appending("processes"))
  }

  mutating func play() throws -> [String] {
    for _ in 0..<Int.random(in: 3...4, using: &random) {
      var words: [String] = []
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        guard let edit = Edit.allCases.randomElement(using: &random) else { continue }
        try world.apply(edit, using: &random)
        words.append(edit.rawValue)
      }
      var twin: World?
      if Int.random(in: 0..<5, using: &random) == 0 {
        var other = world
        for edit in [Edit.factor, .value, .edge, .version].shuffled(using: &random).prefix(2) {
          try other.apply(edit, using: &random)
        }
        twin = other
      }
      let fate = fate(1...60)
      let process = try start(world, "world.json", fate)
      let beside = try twin.map { try start($0, "twin.json", [:]) }
      let (one, two) = (try process.wait(), try beside?.wait())
      runs += 1
      let problems = try settle(one, two, twin)
      if !problems.isEmpty {
        return problems.map { "\(fate) after \(words.joined(separator: ", ")): \($0)" } + one.lines + (two?.lines ?? [])
      }
      if Int.random(in: 0..<6, using: &random) == 0 { try collect() }
    }
    return []
  }

  private mutating func settle(
    _ one: EngineProcess.Outcome, _ two: EngineProcess.Outcome?, _ twin: World?
  ) throws -> [String] {
    var reports: [Ledger.Report] = []
    if one.wasKilled {
      kills += 1
      ledger.crash(of: world, finished: Set(one.labels("finished")), besideAnother: two != nil)
    } else {
      guard let report = try report(one) else { return ["no report"] }
      reports.append(report)
    }
    if let two {
      guard let report = try report(two) else { return ["no report of the second"] }
      reports.append(report)
    }
    return ledger.settle(reports)
  }

  private func report(_ outcome: EngineProcess.Outcome) throws -> Ledger.Report? {
    guard outcome.status == 0, let line = outcome.labels("report").first else { return nil }
    return try JSONDecoder().decode(Ledger.Report.self, from: Data(line.utf8))
  }

  private mutating func collect() throws {
    let count = Int.random(in: 1...2, using: &random)
    let outcome = try EngineProcess(
      ["collect", folder.appending("cache").string, "\(count)"], fate(1...8), in: folder.appending("processes")
    ).wait()
    ledger.collect(keeping: count, isWhole: !outcome.wasKilled)
    if outcome.wasKilled { kills += 1 }
  }
}
