import Artifacts
import Declaring
import Foundation
import RetortTesting
import Synchronization
import Testing

@testable import Executing

@Suite struct CheckpointTests {
  private func pipeline(_ name: String, steps: Int = 400) -> Pipeline {
    .declared {
      PipelineBuilder.buildFinalResult([
        stage("train", Train(name: name, start: stage("c", Constant(3)), steps: steps)).edge
      ])
    }
  }

  private func snapshots(_ store: MemoryStore) throws -> [String] {
    let folder = store.root.appending("snapshots")
    return try Files.status(of: folder) == nil ? [] : try Files.names(in: folder)
  }

  @Test func stopsAtACheckpointAndGoesOnFromIt() async throws {
    let store = MemoryStore()
    let name = Board.name()
    Board.shared.set("pause " + name, 60)
    let first = try scheduler(pipeline(name), in: store)
    async let running = first.run()
    #expect(await eventually { Board.shared.counted("step " + name) == 60 })
    first.stop()
    Board.shared.set("pause " + name, 0)
    let stopped = try await running
    let done = Board.shared.counted("step " + name)
    #expect(done == 60)
    #expect(stopped.outcome == .interrupted)
    #expect(stopped["train"]?.status.name == "interrupted")
    #expect(store.runs.last?.outcome == .interrupted)
    #expect(try snapshots(store).count == 1)
    #expect(store.failures.isEmpty)

    let second = try await run(pipeline(name), in: store)
    #expect(second.outcome == .succeeded)
    #expect(Board.shared.get("restored " + name) == done)
    #expect(Board.shared.counted("step " + name) == 400)
    #expect(try second.number("train", in: store) == Train.expected(from: 3, steps: 400))
    #expect(try snapshots(store).isEmpty)
  }

  @Test func backgroundSnapshotsSurviveAFailureAndGoWithThePublication() async throws {
    let store = MemoryStore()
    let name = Board.name()
    let recorder = Recorder()
    Board.shared.set("pause " + name, 60)
    let first = try scheduler(pipeline(name), in: store, sink: recorder) { $0.checkpointEvery = 0 }
    async let running = first.run()
    #expect(await eventually { recorder.names(of: "train").contains("checkpointed") })
    #expect(await eventually { Board.shared.counted("step " + name) == 60 })
    first.stop()
    first.stop()
    Board.shared.set("pause " + name, 0)
    let stopped = try await running
    #expect(stopped.outcome == .interrupted)
    #expect(try snapshots(store).count == 1)
    let second = try await run(pipeline(name), in: store) { $0.checkpointEvery = 0 }
    #expect(Board.shared.get("restored " + name) > 0)
    #expect(try second.number("train", in: store) == Train.expected(from: 3, steps: 400))
    #expect(try snapshots(store).isEmpty)
  }

  @Test func aDamagedSnapshotIsIgnoredAndTheLogSaysSo() async throws {
    for byte in [0, 20, 60, -1] {
      let store = MemoryStore()
      let name = Board.name()
      Board.shared.set("pause " + name, 5)
      let first = try scheduler(pipeline(name, steps: 200), in: store)
      async let running = first.run()
      #expect(await eventually { Board.shared.counted("step " + name) == 5 })
      first.stop()
      Board.shared.set("pause " + name, 0)
      _ = try await running
      let file = store.root.appending("snapshots").appending(try #require(try snapshots(store).first))
      var bytes = try Files.read(file)
      if byte < 0 { bytes.removeLast(9) } else { bytes[byte] ^= 0x10 }
      try Files.replace(file, with: bytes)
      let recorder = Recorder()
      let second = try await run(pipeline(name, steps: 200), in: store, sink: recorder)
      #expect(Board.shared.get("restored " + name) == 0)
      #expect(try second.number("train", in: store) == Train.expected(from: 3, steps: 200))
      let log = try #require(second["train"]?.log)
      #expect(String(decoding: try Files.read(log), as: UTF8.self).contains("begins anew"))
    }
  }

  @Test func anotherProfilesSnapshotIsNotUsed() throws {
    let folder = try temporaryFolder()
    defer { try? Files.remove(folder) }
    let file = folder.appending("s")
    let here = NumericsProfile(kernels: "avx2", blas: "b", build: "release")
    let there = NumericsProfile(kernels: "avx512", blas: "b", build: "release")
    _ = try SnapshotFile.write(Snapshot(["a": [1, 2, 3]]), profile: there, to: file)
    guard case .unusable(let why) = SnapshotFile.read(file, profile: here) else {
      Issue.record("It was used.")
      return
    }
    #expect(why.contains("avx512"))
    guard case .snapshot(let snapshot) = SnapshotFile.read(file, profile: there) else {
      Issue.record("It was not used.")
      return
    }
    #expect(snapshot.sections == ["a": [1, 2, 3]])
  }

  @Test func aFullDiskCostsTheCheckpointAndNothingElse() throws {
    let folder = try temporaryFolder()
    defer { try? Files.remove(folder) }
    let lines = Mutex<[String]>([])
    let file = folder.appending("s")
    let checkpointer = Checkpointer(
      profile: .unknown, schedule: .init(every: 0), log: { line in lines.withLock { $0.append(line) } },
      written: { _, _ in }, locate: { file })
    try checkpointer.takeNow { Snapshot(["a": [1]]) }
    for (operation, effect) in [
      (FileOperation.write, InjectedFault.Effect.torn(.noSpace)), (.sync, .error(.ioError)),
      (.rename, .error(.ioError)),
      (.open, .error(.permissionDenied)),
    ] {
      try InjectedFault.$current.withValue(InjectedFault(operation, at: 1, effect)) {
        try checkpointer.takeNow { Snapshot(["a": [2]]) }
      }
      guard case .snapshot(let old) = SnapshotFile.read(file, profile: .unknown) else {
        Issue.record("The old snapshot is gone after \(operation).")
        return
      }
      #expect(old.sections == ["a": [1]])
    }
    #expect(lines.withLock { $0.count } == 4)
    #expect(try Files.names(in: folder) == ["s"])
    checkpointer.discard()
    #expect(try Files.names(in: folder).isEmpty)
  }

  @Test func theCostDecidesHowOften() {
    #expect(Checkpointer.Schedule(every: nil).interval(cost: 0.1) == 30)
    #expect(Checkpointer.Schedule(every: nil).interval(cost: 2) == 120)
    #expect(Checkpointer.Schedule(every: 5).interval(cost: 2) == 5)
  }
  /// By a clock that only counts: whatever single snapshots cost, all of them together take 2 % of the time at most, but for
  /// the newest, whose cost nobody could know before.
  @Test func allSnapshotsTakeTwoPercentOfTheTime() {
    var random = SplitMix(state: 60)
    for _ in 0..<20 {
      let typical = Double.random(in: 0.001...20, using: &random)
      var now = 0.0
      var pace = CheckpointPace(.init(every: nil), from: now)
      var costs: [Double] = []
      var longest = 0.0
      var last = now
      while now < 20_000 {
        now += Double.random(in: 0.01...3, using: &random)
        guard pace.isDue(at: now) else { continue }
        longest = max(longest, now - last)
        let (taking, writing) = (
          typical * Double.random(in: 0.01...0.2, using: &random),
          typical * Double.random(in: 0.5...1.5, using: &random)
        )
        pace.took(from: now, to: now + taking)
        pace.wrote(from: now + taking, to: now + taking + writing)
        now += taking + writing
        last = now
        costs.append(taking + writing)
        #expect(costs.dropLast().reduce(0, +) <= 0.02 * now)
      }
      #expect(costs.reduce(0, +) <= 0.02 * now || costs.count < 3)
      // And no more is at stake than the interval says.
      #expect(longest <= max(30, 60 * (costs.max() ?? 0)) + 3)
    }
  }
}
