import Artifacts
import Foundation
import Inspecting
import Storing
import Testing

/// A pipeline as plain data, and caches filled from it: what the tests' own oracles can look at without any recipe.
struct TestStage {
  var label: String
  var stage = "test.stage"
  var version = 1
  var options: [String: Int] = [:]
  /// Positions of earlier stages, by option; elements of arrays under a name of their own.
  var inputs: [String: Int] = [:]
  var models: [Int] = []
  /// Whether the output depends on options and inputs; a constant one makes what follows equal.
  var isConstant = false
  var metrics: [String: Double] = [:]
  /// What the bytes depend on beside the recipe.
  var noise = 0

  /// The output of each stage, by position: equal texts where the bytes are.
  static func values(_ stages: [TestStage]) -> [String] {
    var values: [String] = []
    for stage in stages {
      let inputs = stage.inputs.sorted { $0.key < $1.key }.map { "\($0.key)=(\(values[$0.value]))" }
      let options = stage.options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      let all =
        [stage.stage, "\(stage.version)", "\(stage.noise)"] + options + inputs + stage.models.map { values[$0] }
      values.append(stage.isConstant ? stage.label : "\(Digest(of: Array(all.joined(separator: ";").utf8)))")
    }
    return values
  }
}

final class GraphCache {
  let root: FilePath
  let cache: Cache
  var inspector: Inspector { Inspector(cache) }

  private struct Options: Encodable {
    struct Input: CanonicallyEncodable {
      var index: Int
      func encodeCanonically(into slot: CanonicalSlot) { slot.write(input: Edge(node: index, arena: 0), kind: "any") }
      func encode(to encoder: any Encoder) throws { _ = try encodedCanonically(to: encoder) }
    }
    var numbers: [String: Int]
    var inputs: [String: Input]
    var models: [Input]
  }

  init() throws {
    root = FilePath(NSTemporaryDirectory()).appending("retort-graph-\(UUID().uuidString)")
    cache = try Cache(root)
  }

  deinit { try? Files.remove(root) }

  /// Runs a pipeline: what is not there is published.
  ///
  /// - Parameter failure: the label of a stage that fails, and ends the run; what needs nothing of it is skipped with its key.
  @discardableResult
  func run(
    _ stages: [TestStage], pipeline: String = "test", options: [String: String] = [:],
    profile: NumericsProfile = SmallCache.profile, forces: Bool = false, failingAt failure: String? = nil
  ) throws -> (run: RunID, executions: [Execution]) {
    let run = try cache.beginRun(
      RunRequest(pipeline: pipeline, arguments: [], options: options, startedAt: 1, profile: profile), steps: [],
      hits: [])
    let values = TestStage.values(stages)
    var made: [Execution] = []
    var steps: [RunStep] = []
    var isOver = false
    for (position, stage) in stages.enumerated() {
      let edges = Options.Input.init
      guard (stage.inputs.values + stage.models).allSatisfy({ $0 < made.count }) else {
        let identity = StageIdentity(id: stage.stage, version: stage.version)
        steps.append(RunStep(label: stage.label, stage: identity, key: nil, outcome: .skipped))
        continue
      }
      let template = try RecipeTemplate(
        stage: stage.stage, version: stage.version,
        options: Options(
          numbers: stage.options, inputs: stage.inputs.mapValues(edges), models: stage.models.map(edges)),
        defaultSeed: 0)
      let recipe = try #require(
        template.filled { hole in
          guard case .input(let edge) = hole else { return nil }
          return made[edge.node].digest(port: "")
        })
      let identity = StageIdentity(id: stage.stage, version: stage.version)
      let found = try forces ? nil : cache.executions(of: [recipe.key], preferring: profile, pinnedBy: run)[recipe.key]
      if isOver || stage.label == failure {
        steps.append(
          RunStep(label: stage.label, stage: identity, key: recipe.key, outcome: isOver ? .skipped : .failed))
        if !isOver {
          let attempt = try cache.beginAttempt(
            of: recipe.key, recipe: recipe, stage: identity, label: stage.label, run: run)
          try attempt.fail(RetortError("test.failed", "It fails.", blame: .stage))
        }
        isOver = true
        continue
      }
      let execution: Execution
      if let found {
        execution = found
      } else {
        let attempt = try cache.beginAttempt(
          of: recipe.key, recipe: recipe, stage: identity, label: stage.label, run: run)
        var details = ExecutionDetails(startedAt: 1, seconds: 2, profile: profile)
        details.metrics = stage.metrics
        details.inputs = (stage.inputs.values + stage.models).map {
          .init(digest: made[$0].digest(port: "") ?? Digest(of: []), execution: made[$0].id)
        }
        execution = try attempt.publish(
          [OutputPart(port: "", kind: "value", content: .value(Array(values[position].utf8)), facts: .unknown)],
          details: details)
      }
      made.append(execution)
      steps.append(
        RunStep(
          label: stage.label, stage: identity, key: recipe.key, outcome: found == nil ? .ran : .cached,
          execution: execution.id))
    }
    try cache.finishRun(
      run, outcome: isOver ? .failed : .succeeded, steps: steps, ran: steps.filter { $0.outcome == .ran }.count,
      cached: steps.filter { $0.outcome == .cached }.count, failed: isOver ? 1 : 0)
    return (run, made)
  }
}

/// SplitMix64: the same numbers on every machine.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
