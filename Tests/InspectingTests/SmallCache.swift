import Artifacts
import Foundation
import Storing
import Testing

@testable import Inspecting

/// A cache with two runs of a pipeline of four stages: data (a bundle) → teacher → student → export. The second run has
/// another temperature of the student, which nothing but the student and the export depend on.
final class SmallCache {
  let root: FilePath
  let cache: Cache
  private(set) var executions: [String: Execution] = [:]

  static let profile = NumericsProfile(kernels: "avx2", blas: "test 1", build: "debug")

  struct Options: Encodable {
    struct Input: CanonicallyEncodable {
      var index: Int
      func encodeCanonically(into slot: CanonicalSlot) { slot.write(input: Edge(node: index, arena: 0), kind: "any") }
      func encode(to encoder: any Encoder) throws { _ = try encodedCanonically(to: encoder) }
    }
    var inputs: [String: Input]
    var temperature: Double
  }

  init() throws {
    root = FilePath(NSTemporaryDirectory()).appending("retort-inspecting-\(UUID().uuidString)")
    cache = try Cache(root)
    for temperature in [4.0, 5.0] { try run(temperature) }
  }

  deinit { try? Files.remove(root) }

  private func run(_ temperature: Double) throws {
    let run = try cache.beginRun(
      RunRequest(
        pipeline: "sst2", arguments: ["run"], options: ["temperature": "\(temperature)"],
        startedAt: 1_700_000_000 + temperature, profile: Self.profile), steps: [], hits: [])
    var steps: [RunStep] = []
    try steps.append(step("data", "import.data", [:], 0, ["train", "dev"], run))
    try steps.append(step("teacher", "train.fine-tune", ["on": part("data", "train")], 0, [""], run))
    try steps.append(
      step(
        "student", "distill.task", ["teacher": part("teacher"), "data": part("data", "train")], temperature, [""], run))
    try steps.append(step("export", "export.folder", ["model": part("student")], 0, [""], run))
    try cache.finishRun(
      run, outcome: .succeeded, steps: steps, ran: steps.filter { $0.outcome == .ran }.count,
      cached: steps.filter { $0.outcome == .cached }.count, failed: 0)
  }

  private func part(_ label: String, _ port: String = "") throws -> (Execution, Digest) {
    let execution = try #require(executions[label])
    return (execution, try #require(execution.digest(port: port)))
  }

  private func step(
    _ label: String, _ stage: String, _ inputs: [String: (Execution, Digest)], _ temperature: Double, _ ports: [String],
    _ run: RunID
  ) throws -> RunStep {
    let identity = StageIdentity(id: stage, version: 1)
    let names = inputs.keys.sorted()
    let holes = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Options.Input(index: $0)) })
    let template = try RecipeTemplate(
      stage: stage, version: 1, options: Options(inputs: holes, temperature: temperature), defaultSeed: 0)
    let recipe = try #require(
      template.filled { hole in
        guard case .input(let edge) = hole else { return nil }
        return inputs[names[edge.node]]?.1
      })
    let found = try cache.executions(of: [recipe.key], preferring: Self.profile, pinnedBy: run)[recipe.key]
    let execution = try found ?? publish(label, identity, recipe, inputs, ports, run)
    executions[label] = execution
    return RunStep(
      label: label, stage: identity, key: recipe.key, outcome: found == nil ? .ran : .cached, execution: execution.id)
  }

  private func publish(
    _ label: String, _ stage: StageIdentity, _ recipe: Recipe, _ inputs: [String: (Execution, Digest)],
    _ ports: [String], _ run: RunID
  ) throws -> Execution {
    let attempt = try cache.beginAttempt(of: recipe.key, recipe: recipe, stage: stage, label: label, run: run)
    var details = ExecutionDetails(startedAt: 1_700_000_000, seconds: 2, profile: Self.profile)
    details.metrics = label == "student" ? ["accuracy": 0.75] : [:]
    details.inputs = inputs.values.map { .init(digest: $0.1, execution: $0.0.id) }
    return try attempt.publish(
      ports.map { port in
        OutputPart(
          port: port, kind: "kind.\(label)", content: .value(Array("\(label) \(port) \(recipe.key)".utf8)),
          facts: .unknown)
      }, details: details)
  }
}
