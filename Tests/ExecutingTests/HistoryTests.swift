import Artifacts
import Declaring
import Executing
import Foundation
import Planning
import RetortTesting
import Synchronization
import Testing

/// Random pipelines under random failures, retries and stop requests, against an evaluator that knows no cache.
@Suite struct HistoryTests {
  /// One step of a random pipeline: `(Σ inputs · factor + value) mod modulus`.
  struct Node: Hashable {
    var inputs: [Int]
    var factor: Int
    var value: Int
    var modulus: Int
    /// How often it fails; nil for always.
    var failures: Int? = 0
    var isTransient = false
  }

  @Test(arguments: 0..<40) func agreesWithAnEvaluator(seed: Int) async throws {
    var random = SplitMix(state: UInt64(seed) &* 977 &+ 5)
    let world = "h\(seed)-\(Board.name())"
    let store = MemoryStore()
    var nodes = Self.nodes(&random)
    var known: Set<[Int]> = []
    for round in 0..<5 {
      Self.disturb(&nodes, round, &random)
      let keepsGoing = Bool.random(using: &random)
      let stopsAfter = Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 1..<8, using: &random) : nil
      for (index, node) in nodes.enumerated() {
        Board.shared.set("fails \(world) \(index)", node.failures ?? 1 << 30)
        Board.shared.set("seen \(world) \(index)", 0)
        Board.shared.set("transient \(world) \(index)", node.isTransient ? 1 : 0)
      }
      let starts = Mutex(0)
      let target = Mutex<Scheduler?>(nil)
      let recorder = Recorder { event in
        guard case .started = event, let stopsAfter,
          starts.withLock({
            $0 += 1; return $0
          }) == stopsAfter
        else { return }
        target.withLock { $0 }?.stop()
      }
      let scheduler = try scheduler(Self.pipeline(nodes, world), in: store, sink: recorder) {
        $0.keepsGoing = keepsGoing
        $0.jobs = Int.random(in: 1...4, using: &random)
        $0.threads = 3
      }
      target.withLock { $0 = scheduler }
      let summary = try await scheduler.run()
      target.withLock { $0 = nil }
      try Self.check(summary, nodes, keepsGoing, stopsAfter != nil, &known, store)
    }
  }

  /// Every step's status and value follow from those of its inputs.
  private static func check(
    _ summary: RunSummary, _ nodes: [Node], _ keepsGoing: Bool, _ mayStop: Bool, _ known: inout Set<[Int]>,
    _ store: MemoryStore
  ) throws {
    var values: [Int?] = []
    var isCut = false
    // A run that is about to end does not try again.
    let givesUpEarly = mayStop || !keepsGoing && summary.counts.failed > 1
    for (index, node) in nodes.enumerated() {
      let result = try #require(summary["s\(index)"])
      let inputs = node.inputs.map { values[$0] }
      let expected = inputs.contains(nil) ? nil : value(node, inputs.compactMap { $0 })
      // What a key stands for: the operation with its numbers, not who asks.
      let identity = [node.factor, node.value, node.modulus] + inputs.map { $0 ?? -1 }
      let fails = node.failures == nil || (node.failures ?? 0) > (node.isTransient ? 2 : 0)
      switch result.status {
      case .ran:
        #expect(try summary.number("s\(index)", in: store) == expected)
        #expect(!fails, "s\(index) should have failed")
      case .cached:
        #expect(try summary.number("s\(index)", in: store) == expected)
        #expect(known.contains(identity) || isTwin(identity, nodes, values, before: nodes.count))
      case .failed:
        #expect(fails || node.isTransient && givesUpEarly)
        #expect(expected != nil)
        if !node.isTransient { #expect(!known.contains(identity)) }
      case .skipped(.needsFailed): #expect(expected == nil)
      case .skipped(.runFailed):
        #expect(!keepsGoing)
        isCut = true
      case .skipped(.interrupted), .interrupted:
        #expect(mayStop)
        isCut = true
      }
      let isThere = result.execution != nil
      values.append(isThere ? expected : nil)
      if isThere { known.insert(identity) }
    }
    let hasFailed = summary.counts.failed > 0
    if !isCut { #expect(summary.outcome == (hasFailed ? .failed : .succeeded)) }
    #expect(store.runs.last?.outcome == summary.outcome)
    #expect(store.runs.last?.ran == summary.counts.ran)
  }

  private static func isTwin(_ identity: [Int], _ nodes: [Node], _ values: [Int?], before count: Int) -> Bool {
    nodes.contains { node in
      identity.prefix(3).elementsEqual([node.factor, node.value, node.modulus])
        && node.inputs.count == identity.count - 3
    }
  }

  static func value(_ node: Node, _ inputs: [Int]) -> Int {
    (inputs.reduce(0, +) * node.factor + node.value) % node.modulus
  }

  private static func nodes(_ random: inout SplitMix) -> [Node] {
    (0..<Int.random(in: 3...14, using: &random)).map { index in
      let inputs = (0..<Int.random(in: 0...3, using: &random)).map { _ in
        Int.random(in: 0..<max(1, index), using: &random)
      }
      return Node(
        inputs: index == 0 ? [] : inputs, factor: Int.random(in: 1...3, using: &random),
        value: Int.random(in: 0...3, using: &random), modulus: Bool.random(using: &random) ? 3 : 1009)
    }
  }

  private static func disturb(_ nodes: inout [Node], _ round: Int, _ random: inout SplitMix) {
    for index in nodes.indices {
      nodes[index].failures = 0
      nodes[index].isTransient = false
      // The last round is calm: everything must come out right in the end.
      guard round < 4 else { continue }
      switch Int.random(in: 0..<12, using: &random) {
      case 0: nodes[index].failures = nil
      case 1:
        nodes[index].failures = Int.random(in: 1...2, using: &random)
        nodes[index].isTransient = true
      case 2: nodes[index].value = Int.random(in: 0...3, using: &random)
      case 3: nodes[index].factor = Int.random(in: 1...3, using: &random)
      default: break
      }
    }
  }

  private static func pipeline(_ nodes: [Node], _ world: String) -> Pipeline {
    .declared {
      var refs: [Ref<Number>] = []
      for (index, node) in nodes.enumerated() {
        refs.append(
          stage(
            "s\(index)",
            Calculate(
              inputs: node.inputs.map { refs[$0] }, factor: node.factor, value: node.value, modulus: node.modulus,
              place: Place(world: world, index: index))))
      }
      return PipelineBuilder.buildFinalResult(refs.map(\.edge))
    }
  }

  /// Where a stage finds its board: no part of its key.
  struct Place: Codable, Hashable, Sendable, CanonicallyEncodable {
    var world: String
    var index: Int

    func encodeCanonically(into slot: CanonicalSlot) { slot.writeNil() }

    func encode(to encoder: any Encoder) throws {
      if try encodedCanonically(to: encoder) { return }
      var container = encoder.singleValueContainer()
      try container.encode("\(world) \(index)")
    }

    init(world: String, index: Int) {
      self.world = world
      self.index = index
    }

    init(from decoder: any Decoder) throws {
      world = try decoder.singleValueContainer().decode(String.self)
      index = 0
    }
  }
}

struct Calculate: Stage {
  static let id = "test.calculate"
  static let version = 1
  var inputs: [Ref<Number>]
  var factor: Int
  var value: Int
  var modulus: Int
  var place: HistoryTests.Place

  func run(_ context: StageContext) async throws -> Number {
    let name = "\(place.world) \(place.index)"
    let seen = Board.shared.get("seen " + name) + 1
    Board.shared.set("seen " + name, seen)
    if seen <= Board.shared.get("fails " + name) {
      guard Board.shared.get("transient " + name) == 1 else { throw TestFailure() }
      throw RetortError("test.flaky", "Not this time.", isTransient: true)
    }
    let sum = try inputs.reduce(0) { $0 + (try context.load($1).value) }
    return Number((sum * factor + value) % modulus)
  }
}
