import Artifacts
import Declaring
import Foundation
import RetortTesting
import Synchronization

/// What tests and the stages in them tell each other, by name; no part of any key.
final class Board: Sendable {
  static let shared = Board()

  private struct State {
    var counts: [String: Int] = [:]
    var values: [String: Int] = [:]
    var order: [String] = []
  }

  private let state = Mutex(State())

  /// Counts, and returns the count.
  @discardableResult func count(_ name: String) -> Int {
    state.withLock { state in
      state.counts[name, default: 0] += 1
      state.order.append(name)
      return state.counts[name, default: 0]
    }
  }

  func counted(_ name: String) -> Int { state.withLock { $0.counts[name] ?? 0 } }
  func set(_ name: String, _ value: Int) { state.withLock { $0.values[name] = value } }
  func get(_ name: String) -> Int { state.withLock { $0.values[name] ?? 0 } }
  func order(of prefix: String) -> [String] { state.withLock { $0.order.filter { $0.hasPrefix(prefix) } } }

  /// A name that no other test uses.
  static func name() -> String { UUID().uuidString }
}

/// A stage that does what its board says: counts its runs, fails, waits.
struct Act: Stage {
  static let id = "test.act"
  static let version = 1
  /// The board's name for it.
  var name: String
  var inputs: [Ref<Number>] = []
  var value = 0
  var wish = ""

  /// How often it fails, and whether that may pass by itself.
  static func fail(_ name: String, times: Int, transient: Bool = false) {
    Board.shared.set("fail " + name, times)
    Board.shared.set("transient " + name, transient ? 1 : 0)
  }

  var resources: Resources {
    switch wish {
    case "exclusive": Resources(isExclusive: true)
    case "gpu": Resources(devices: ["gpu": 1])
    case "two": Resources(cores: 2)
    case "memory": Resources(memory: 600)
    default: Resources()
    }
  }

  func run(_ context: StageContext) async throws -> Number {
    let board = Board.shared
    let count = board.count("run " + name)
    if !wish.isEmpty { Gauge.shared.enter(wish) }
    defer { if !wish.isEmpty { Gauge.shared.leave(wish) } }
    if count <= board.get("fail " + name) {
      if board.get("transient " + name) == 1 {
        throw RetortError("test.flaky", "It did not work this time.", isTransient: true)
      }
      throw TestFailure()
    }
    while board.get("hold " + name) == 1 {
      try context.checkCancellation()
      try await Task.sleep(nanoseconds: 1_000_000)
    }
    if !wish.isEmpty { usleep(2000) }
    return Number(try inputs.reduce(value) { $0 &+ (try context.load($1).value) })
  }
}

struct TestFailure: Error, CustomStringConvertible {
  var description: String { "broken on purpose" }
}

/// How many stages of a kind were at work at once.
final class Gauge: Sendable {
  static let shared = Gauge()
  private let state = Mutex<(now: [String: Int], most: [String: Int], beside: Int)>(([:], [:], 0))

  func enter(_ kind: String) {
    state.withLock { state in
      state.now[kind, default: 0] += 1
      state.most[kind] = max(state.most[kind] ?? 0, state.now[kind] ?? 0)
      let exclusive = state.now["exclusive"] ?? 0
      if exclusive > 0 { state.beside = max(state.beside, state.now.values.reduce(0, +) - 1) }
    }
  }

  func leave(_ kind: String) { state.withLock { $0.now[kind, default: 0] -= 1 } }
  func most(_ kind: String) -> Int { state.withLock { $0.most[kind] ?? 0 } }
  var beside: Int { state.withLock { $0.beside } }
}
