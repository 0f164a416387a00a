import Declaring

/// Stands for a recorded result where a recipe is carried out again: it is always a hit.
struct RecordedInput: Stage {
  static let id = "retort.recorded-input"
  static let version = 1

  /// The result's digest, hexadecimal.
  var digest: String

  init(_ digest: Digest) { self.digest = digest.hex }

  /// Its key in any plan.
  var key: Key {
    get throws {
      let template = try RecipeTemplate(
        stage: Self.id, version: Self.version, options: self, outputs: Output.ports, defaultSeed: 0)
      guard let recipe = template.filled({ _ in nil }) else {
        throw RetortError("reproduce.input", "A recorded input has no key.", blame: .internal)
      }
      return recipe.key
    }
  }

  func run(_ context: StageContext) async throws -> RecordedValue {
    throw RetortError("reproduce.input", "A recorded input is no longer there.", blame: .environment)
  }
}

/// What the type of a recorded input says; what it gives is whatever was recorded.
struct RecordedValue: ValueArtifact {
  static let kind = "retort.recorded"
}
