import Artifacts
import Storing

/// A piece of work whose result follows from its number: small values, large values and folders in turn.
struct ProbeWork {
  var number: Int

  static let stage = StageIdentity(id: "test.probe", version: 1)
  static let request = RunRequest(pipeline: "probe", arguments: [], options: [:], startedAt: 1, profile: .unknown)

  var label: String { "work-\(number)" }

  func recipe() throws -> Recipe {
    let template = try RecipeTemplate(
      stage: Self.stage.id, version: Self.stage.version, options: ["number": number], defaultSeed: 0)
    return template.filled { _ in nil } ?? Recipe(bytes: [])
  }

  /// The bytes of the result.
  func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) } }

  func publish(
    in cache: Cache, _ recipe: Recipe, _ run: RunID,
    _ details: ExecutionDetails = ExecutionDetails(startedAt: 1, seconds: 0, profile: .unknown)
  ) throws -> Execution {
    let attempt = try cache.beginAttempt(of: recipe.key, recipe: recipe, stage: Self.stage, label: label, run: run)
    let content: Content
    switch number % 3 {
    case 0: content = .value(bytes(40))
    case 1: content = .value(bytes(70_000))
    default:
      let folder = try attempt.folder.appending("output")
      try Files.makeFolder(folder.appending("sub"))
      try Files.replace(folder.appending("a.bin"), with: bytes(5000), isDurable: false)
      try Files.replace(folder.appending("sub").appending("b.bin"), with: bytes(10), isDurable: false)
      content = .folder(folder)
    }
    return try attempt.publish(
      [OutputPart(port: "", kind: "probe", content: content, facts: .unknown)],
      details: details)
  }
}
