import Artifacts
import Foundation
import Testing

@testable import Storing

/// A folder that goes with the test; in memory where there is such a file system, for thousands of syncs take long.
final class Scratch {
  let path: FilePath

  private static let parent = FilePath(
    FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory())

  init() throws {
    path = Self.parent.appending("retort-storing-\(UUID().uuidString)")
    try Files.makeFolder(path)
  }

  deinit { try? Files.remove(path) }
}

let profile = NumericsProfile(kernels: "avx2", blas: "test 1", build: "debug")
let trivial = StageIdentity(id: "test.trivial", version: 1)

struct TrivialOptions: Encodable {
  var name: String
  var number: Int
  var inputs: [Digest] = []
}

/// A recipe with inputs: what planning would make of a small stage.
func recipe(_ name: String, _ number: Int = 0, inputs: [Digest] = []) throws -> Recipe {
  struct Options: Encodable {
    struct Input: CanonicallyEncodable {
      var index: Int
      func encodeCanonically(into slot: CanonicalSlot) { slot.write(input: Edge(node: index, arena: 0), kind: "value") }
      func encode(to encoder: any Encoder) throws {
        if try encodedCanonically(to: encoder) { return }
      }
    }
    var name: String
    var number: Int
    var inputs: [Input]
  }
  let template = try RecipeTemplate(
    stage: trivial.id, version: trivial.version,
    options: Options(name: name, number: number, inputs: inputs.indices.map(Options.Input.init)), defaultSeed: 0)
  let filled = template.filled { hole in
    guard case .input(let edge) = hole else { return nil }
    return inputs[edge.node]
  }
  return try #require(filled)
}

extension Cache {
  func begin(_ steps: [RunStep] = [], pipeline: String = "test", hits: [Execution] = []) throws -> RunID {
    try beginRun(
      RunRequest(pipeline: pipeline, arguments: [], options: [:], startedAt: 1, profile: profile), steps: steps,
      hits: hits)
  }

  func finish(_ run: RunID, _ steps: [RunStep] = [], ran: Int = 0) throws {
    try finishRun(run, outcome: .succeeded, steps: steps, ran: ran, cached: 0, failed: 0)
  }

  @discardableResult
  func publish(_ recipe: Recipe, _ content: Content, run: RunID, seconds: Double = 0) throws -> Execution {
    let attempt = try beginAttempt(of: recipe.key, recipe: recipe, stage: trivial, label: "stage", run: run)
    return try attempt.publish(
      [OutputPart(port: "", kind: "value", content: content, facts: .unknown)],
      details: ExecutionDetails(startedAt: 2, seconds: seconds, profile: profile))
  }

  func lookUp(_ keys: [Key], for run: RunID? = nil) throws -> [Key: Execution] {
    try executions(of: keys, preferring: profile, pinnedBy: run)
  }
}
