import Artifacts
import Declaring
import Executing
import Planning
import RetortTesting
import Testing

@testable import Executing

@Suite("Which step is the most urgent") struct CriticalPathTests {
  /// A random graph: the inputs of each step come before it.
  private struct Graph {
    var inputs: [[Int]]
    var seconds: [Double]

    init(_ count: Int, _ random: inout SplitMix) {
      inputs = (0..<count).map { step in
        (0..<step).filter { _ in Int.random(in: 0..<count, using: &random) < 2 }
      }
      seconds = (0..<count).map { _ in Double(Int.random(in: 1...20, using: &random)) }
    }

    /// The definition: a step, and the longest of the ways from those that need it.
    func longest(from step: Int, _ seconds: [Double]) -> Double {
      seconds[step]
        + (inputs.indices.filter { inputs[$0].contains(step) }.map { longest(from: $0, seconds) }.max() ?? 0)
    }
  }

  @Test func lengthsAreThoseOfTheLongestWays() {
    var random = SplitMix(state: 3)
    for _ in 0..<200 {
      let graph = Graph(Int.random(in: 1...9, using: &random), &random)
      let lengths = CriticalPath.lengths(graph.inputs.count, seconds: graph.seconds) { graph.inputs[$0] }
      #expect(lengths == graph.inputs.indices.map { graph.longest(from: $0, graph.seconds) })
      // Without history each step counts as one.
      let heights = CriticalPath.lengths(graph.inputs.count, seconds: []) { graph.inputs[$0] }
      let ones = graph.seconds.map { _ in 1.0 }
      #expect(heights == graph.inputs.indices.map { graph.longest(from: $0, ones) })
      // What is not known counts as the median of what is.
      let partly: [Double?] = graph.seconds.enumerated().map { $0 % 3 == 0 ? nil : $1 }
      let known = partly.compactMap(\.self).sorted()
      let filled = partly.map { $0 ?? (known.isEmpty ? 1 : known[known.count / 2]) }
      #expect(
        CriticalPath.lengths(partly.count, seconds: partly) { graph.inputs[$0] }
          == graph.inputs.indices.map { graph.longest(from: $0, filled) })
    }
  }

  /// Runs a graph on machines by the queue, in a time of its own. Returns the order of beginnings, and when all is done.
  private func simulate(_ graph: Graph, priorities: [Double], machines: Int) -> (order: [Int], end: Double) {
    var queue = ReadyQueue()
    var pool = ResourcePool(cores: machines, memory: 0, jobs: machines)
    var missing = graph.inputs.map(\.count)
    var (running, order, now): ([(end: Double, step: Int)], [Int], Double) = ([], [], 0)
    func add(_ step: Int) { queue.add(.init(step: step, rank: 0, height: priorities[step]), wish: Resources()) }
    for step in missing.indices where missing[step] == 0 { add(step) }
    while order.count < missing.count || !running.isEmpty {
      while let next = queue.next(in: pool) {
        pool.take(next.wish)
        order.append(next.step)
        running.append((now + graph.seconds[next.step], next.step))
      }
      now = running.map(\.end).min() ?? now
      for done in running.filter({ $0.end == now }) {
        pool.give(Resources())
        for follower in missing.indices where graph.inputs[follower].contains(done.step) {
          missing[follower] -= 1
          if missing[follower] == 0 { add(follower) }
        }
      }
      running.removeAll { $0.end == now }
    }
    return (order, now)
  }

  /// The same by definition: at each instant, of all steps that could begin, the one with the longest way, else the first.
  private func oracle(_ graph: Graph, machines: Int) -> (order: [Int], end: Double) {
    let lengths = graph.inputs.indices.map { graph.longest(from: $0, graph.seconds) }
    var ends: [Int: Double] = [:]
    var (order, now): ([Int], Double) = ([], 0)
    while order.count < graph.inputs.count {
      let busy = ends.values.filter { $0 > now }
      let ready = graph.inputs.indices.filter { step in
        ends[step] == nil && graph.inputs[step].allSatisfy { ends[$0].map { $0 <= now } ?? false }
      }
      if busy.count < machines, let step = ready.max(by: { (lengths[$0], -$0) < (lengths[$1], -$1) }) {
        ends[step] = now + graph.seconds[step]
        order.append(step)
      } else {
        now = busy.min() ?? now
      }
    }
    return (order, ends.values.max() ?? 0)
  }

  @Test func theQueueIsListSchedulingByThem() {
    var random = SplitMix(state: 5)
    for machines in [1, 2, 3] {
      for _ in 0..<60 {
        let graph = Graph(10, &random)
        let lengths = CriticalPath.lengths(10, seconds: graph.seconds) { graph.inputs[$0] }
        let (ours, expected) = (
          simulate(graph, priorities: lengths, machines: machines), oracle(graph, machines: machines)
        )
        #expect(ours.order == expected.order && ours.end == expected.end)
      }
    }
  }

  /// Six short steps in a row count for less than one that takes an hour.
  @Test func timesBeatNumbersOfSteps() {
    var random = SplitMix(state: 0)
    var graph = Graph(0, &random)
    graph.inputs = [[], [0], [1], [2], [3], [4], []]
    graph.seconds = [1, 1, 1, 1, 1, 1, 60]
    let times = CriticalPath.lengths(7, seconds: graph.seconds) { graph.inputs[$0] }
    let heights = CriticalPath.lengths(7, seconds: []) { graph.inputs[$0] }
    #expect(simulate(graph, priorities: times, machines: 1).order.first == 6)
    #expect(simulate(graph, priorities: heights, machines: 1).order.first == 0)
  }

  /// What a step took under its label counts, then what its kind took, of the last run.
  @Test func timesComeFromTheLastRun() throws {
    let store = MemoryStore()
    func plan(_ offset: Int) throws -> Plan {
      try Planner(store: store, options: PlanOptions(pipeline: "p")).plan(
        .declared {
          PipelineBuilder.buildFinalResult(
            ["a", "b", "new"].enumerated().map { stage($1, Constant(offset + $0)).edge }
              + [stage("act", Act(name: "never \(offset)")).edge])
        })
    }
    let first = try plan(0)
    #expect(first.earlierSeconds(in: store).isEmpty)
    let request = RunRequest(pipeline: "p", arguments: [], options: [:], startedAt: 0, profile: .unknown)
    let steps = first.runSteps.filter { ["a", "b"].contains($0.label) }
    let run = try store.beginRun(request, steps: steps, hits: [])
    for (step, seconds) in zip(steps, [3.0, 8]) {
      let key = try #require(step.key)
      let attempt = try store.beginAttempt(
        of: key, recipe: Recipe(bytes: []), stage: step.stage, label: step.label, run: run)
      _ = try attempt.publish(
        [OutputPart(port: "", kind: "n", content: .value([1]), facts: .unknown)],
        details: ExecutionDetails(startedAt: 0, seconds: seconds, profile: .unknown))
    }
    try store.finishRun(run, outcome: .succeeded, steps: steps, ran: 2, cached: 0, failed: 0)
    let second = try plan(50)
    let seconds = second.earlierSeconds(in: store)
    #expect(second.steps.map(\.label) == ["a", "b", "new", "act"] && seconds == [3, 8, 8, nil])
  }
}
