import Artifacts
import Declaring
import Executing
import Foundation
import Histories
import RetortTesting
import Synchronization
import Testing

@Suite("Devices that stages ask for") struct DeviceTests {
  private func pipeline(_ count: Int, of device: String, each: Int = 1, seed: Int = 0) -> Pipeline {
    .declared {
      PipelineBuilder.buildFinalResult(
        (0..<count).map { stage("s\($0)", Uses(device: device, count: each, number: seed + $0)).edge })
    }
  }

  /// No device is two stages' at once, all are used, and each stage gets as many as it asked for.
  @Test(arguments: [1, 2]) func eachIsOneStagesAtATime(each: Int) async throws {
    let device = "gpu-\(UUID().uuidString)"
    let summary = try await run(pipeline(40, of: device, each: each), in: MemoryStore()) {
      ($0.threads, $0.jobs) = (8, 8)
      $0.devices = [device: ["0", "b", "7"], "other": ["0"]]
    }
    #expect(summary.counts == RunCounts(ran: 40), "\(summary.errors)")
    let seen = Ledger.shared.seen(device)
    #expect(
      seen.clashes == 0 && seen.counts == [each] && seen.ids.isSubset(of: ["0", "b", "7"]) && seen.ids.count >= each)
  }

  /// Runs that share a store share its devices.
  @Test func runsBesideEachOtherShareThem() async throws {
    let store = MemoryStore()
    let device = "gpu-\(UUID().uuidString)"
    let schedulers = try (0..<3).map { number in
      try scheduler(pipeline(12, of: device, each: 1 + number % 2, seed: 100 * number), in: store) {
        ($0.threads, $0.jobs) = (4, 4)
        $0.devices = [device: ["0", "1"]]
      }
    }
    let summaries = try await withThrowingTaskGroup(of: RunSummary.self) { group in
      for scheduler in schedulers { group.addTask { try await scheduler.run() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(summaries.allSatisfy { $0.counts == RunCounts(ran: 12) })
    #expect(Ledger.shared.seen(device).clashes == 0)
    for id in ["0", "1"] { #expect(try store.lease(Device(device, id)) != nil) }
  }

  @Test func whoWaitsForAnotherRunsDeviceSaysSo() async throws {
    let store = MemoryStore()
    let device = "gpu-\(UUID().uuidString)"
    let other = try #require(try store.lease(Device(device, "0")))
    let recorder = Recorder()
    let scheduler = try scheduler(pipeline(1, of: device), in: store, sink: recorder) { $0.devices = [device: ["0"]] }
    async let summary = scheduler.run()
    #expect(await eventually { recorder.names(of: "s0") == ["waiting"] })
    guard case .waiting(_, _, device)? = recorder.events.map(\.event).first(where: { $0.label == "s0" }) else {
      Issue.record("\(recorder.events)")
      return
    }
    other.release()
    #expect(try await summary.counts == RunCounts(ran: 1))
    #expect(recorder.names(of: "s0").suffix(2) == ["started", "finished"])
  }

  @Test func waitingForADeviceEndsWithTheRun() async throws {
    let store = MemoryStore()
    let device = "gpu-\(UUID().uuidString)"
    let other = try #require(try store.lease(Device(device, "0")))
    let recorder = Recorder()
    let scheduler = try scheduler(pipeline(1, of: device), in: store, sink: recorder) { $0.devices = [device: ["0"]] }
    async let summary = scheduler.run()
    #expect(await eventually { recorder.names(of: "s0") == ["waiting"] })
    scheduler.stop()
    #expect(try await summary.outcome == .interrupted)
    other.release()
  }

  /// A stage lends its devices to those inside it, and goes on with the same.
  @Test func subStagesBorrowThem() async throws {
    let device = "gpu-\(UUID().uuidString)"
    let pipeline = Pipeline.declared {
      PipelineBuilder.buildFinalResult(
        (0..<6).map { stage("p\($0)", Lends(device: device, number: 1000 * $0)).edge })
    }
    for ids in [["0"], ["0", "1"]] {
      let summary = try await run(pipeline, in: MemoryStore()) {
        ($0.threads, $0.jobs) = (4, 4)
        $0.devices = [device: ids]
      }
      #expect(summary.counts == RunCounts(ran: 24), "\(summary.errors)")
      #expect(Ledger.shared.seen(device).clashes == 0)
    }
  }

  /// A stage whose device cannot be taken back after a sub-stage fails, and computes no more; one that goes on whatever it
  /// is told has no result.
  @Test(arguments: 1...6, [false, true]) func nobodyGoesOnWithoutOne(leases: Int, isTolerant: Bool) async throws {
    let device = "gpu-\(UUID().uuidString)"
    let pipeline = Pipeline.declared {
      PipelineBuilder.buildFinalResult([stage("p", Lends(device: device, number: 1, isTolerant: isTolerant)).edge])
    }
    let cut = PowerCut(after: leases)
    let store = RefusingStore(MemoryStore()) { if $0 == .leaseDevice { try cut.count() } }
    let summary = try await run(pipeline, in: store) {
      $0.devices = [device: ["0"]]
    }
    #expect(summary["p"]?.status.name == "failed" && summary.errors.first?.code == "test.power", "\(summary.errors)")
    #expect(isTolerant || Ledger.shared.seen(device).uses == leases)
  }

  /// The device of an attempt that was given up is its body's until that ends: others wait for it a while, and then fail.
  @Test(.timeLimit(.minutes(1)), arguments: [false, true]) func aDeafBodyKeepsIts(isInside: Bool) async throws {
    let store = MemoryStore()
    let device = "gpu-\(UUID().uuidString)"
    let pipeline = Pipeline.declared {
      PipelineBuilder.buildFinalResult(
        isInside
          ? [stage("p", LendsToDeaf(device: device)).edge]
          : [
            stage("p", DeafOn(device: device)).edge, stage("next", Uses(device: device, count: 1, number: 0)).edge,
          ])
    }
    let summary = try await run(pipeline, in: store) {
      $0.devices = [device: ["0"]]
      $0.timeouts = [isInside ? "p/DeafOn" : "p": 0.01]
      $0.keepsGoing = true
    }
    #expect(Set(summary.errors.map(\.code)) == ["stage.timeout", "stage.deaf"], "\(summary.errors)")
    #expect(summary[isInside ? "p" : "next"]?.status.name == "failed")
    #expect(Ledger.shared.seen(device).uses == 0)
    #expect(try store.lease(Device(device, "0")) == nil)
    Board.shared.set("let go " + device, 1)
    #expect(try await eventually { try store.lease(Device(device, "0")) != nil })
  }

  @Test func aDeviceThatIsNotThereFailsItsStage() async throws {
    let summary = try await run(pipeline(1, of: "gpu", each: 2), in: MemoryStore()) { $0.devices = ["gpu": ["0"]] }
    #expect(summary.errors.map(\.code) == ["run.device"])
    #expect(summary.errors.first?.place.stage == "s0" && summary.errors.first?.remedy.contains("--device gpu=") == true)
  }

  @Test func variablesThatProgramsFind() {
    #expect(Device.variable("gpu") == "RETORT_DEVICE_GPU" && Device.variable("my-Card2") == "RETORT_DEVICE_MY_CARD2")
    #expect(Device.variables(["gpu": ["1", "0"]]) == ["RETORT_DEVICE_GPU": "1,0"] && Device.variables([:]).isEmpty)
  }
}

/// Which devices are in use, and whether one ever was twice.
private final class Ledger: Sendable {
  static let shared = Ledger()

  struct Seen {
    var inUse: Set<String> = []
    var ids: Set<String> = []
    var counts: Set<Int> = []
    var clashes = 0
    var uses = 0
  }

  private let state = Mutex<[String: Seen]>([:])

  func take(_ device: String, _ ids: [String]) {
    state.withLock { state in
      for id in ids where state[device, default: Seen()].inUse.insert(id).inserted == false {
        state[device]?.clashes += 1
      }
      state[device, default: Seen()].ids.formUnion(ids)
      state[device]?.counts.insert(ids.count)
      state[device]?.uses += 1
    }
  }

  func give(_ device: String, _ ids: [String]) { state.withLock { $0[device]?.inUse.subtract(ids) } }
  func seen(_ device: String) -> Seen { state.withLock { $0[device] ?? Seen() } }
}

private struct Uses: Stage {
  static let id = "test.uses"
  static let version = 1
  var device: String
  var count: Int
  var number: Int

  var resources: Resources { Resources(devices: [device: count]) }

  func run(_ context: StageContext) async throws -> Number {
    let ids = context.devices[device] ?? []
    Ledger.shared.take(device, ids)
    defer { Ledger.shared.give(device, ids) }
    usleep(500)
    return Number(number)
  }
}

/// Uses its device, lends it three times, and uses it again.
private struct Lends: Stage {
  static let id = "test.lends"
  static let version = 1
  static let uses: [any Stage.Type] = [Uses.self]
  var device: String
  var number: Int
  /// Goes on where a sub-stage fails.
  var isTolerant = false

  var resources: Resources { Resources(devices: [device: 1]) }

  func run(_ context: StageContext) async throws -> Number {
    let ids = context.devices[device] ?? []
    for step in 0..<3 {
      Ledger.shared.take(device, ids)
      usleep(500)
      Ledger.shared.give(device, ids)
      do {
        _ = try await context.run(Uses(device: device, count: 1, number: number + step))
      } catch  where isTolerant {}
    }
    Ledger.shared.take(device, ids)
    defer { Ledger.shared.give(device, ids) }
    usleep(500)
    return Number(number)
  }
}

/// Uses its device without ever looking whether it should end.
private struct DeafOn: Stage {
  static let id = "test.deaf-on"
  static let version = 1
  var device: String

  var resources: Resources { Resources(devices: [device: 1]) }

  func run(_ context: StageContext) async throws -> Number {
    while Board.shared.get("let go " + device) == 0 { usleep(1000) }
    return Number(1)
  }
}

/// Lends its device to one that does not give it back, and goes on.
private struct LendsToDeaf: Stage {
  static let id = "test.lends-to-deaf"
  static let version = 1
  static let uses: [any Stage.Type] = [DeafOn.self]
  var device: String

  var resources: Resources { Resources(devices: [device: 1]) }

  func run(_ context: StageContext) async throws -> Number {
    _ = try? await context.run(DeafOn(device: device))
    return Number(2)
  }
}
