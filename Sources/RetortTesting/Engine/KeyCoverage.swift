import Artifacts
import Declaring
import FoundationEssentials

/// What a stage's key fails to cover, or covers though it should not.
public struct KeyCoverageFailure: Error, Sendable, CustomStringConvertible {
  public var problems: [String]
  public var description: String { problems.joined(separator: "\n") }
}

/// Checks that another value of each stored property gives another key: custom `CodingKeys` or an own `encode(to:)` could
/// hide one, and then the cache would give wrong results.
///
/// The stored properties are found by reflection, so that one which the caller forgets is a failure too. A value to
/// change a property to cannot be made up for any type, so the caller says how:
/// ```swift
/// try expectKeyCoversEveryProperty(
///   of: Scale(number, by: 2),
///   changing: ["number": { $0.number = other }, "factor": { $0.factor = 3 }, "modulus": { $0.modulus = 5 }])
/// ```
///
/// It also checks that the stage is the same after it was encoded and decoded, as workers in other processes need it, and
/// that it and each changed one can be made again from their recipes, as `reproduce` does.
///
/// - Parameters:
///   - changes: for each stored property a change of it and of nothing else.
///   - unkeyed: properties that must not count, such as a destination: the key stays the same when they change.
///   - comesFromRecipe: false for a stage that needs more than its recipe holds, such as where a program lies, and so cannot
///     be reproduced without its pipeline.
/// - Throws: `KeyCoverageFailure` with everything that is wrong.
public func expectKeyCoversEveryProperty<S: Stage>(
  of stage: S, changing changes: [String: (inout S) -> Void], unkeyed: Set<String> = [],
  comesFromRecipe: Bool = true
) throws {
  var problems: [String] = []
  let original = try recipeTemplate(of: stage)
  let properties = storedProperties(of: stage)

  for property in properties.keys.sorted() where changes[property] == nil {
    problems.append("No change is given for the stored property “\(property)” of \(S.self).")
  }
  var seen: [RecipeTemplate: String] = [original: "the unchanged stage"]
  for (property, change) in changes.sorted(by: { $0.key < $1.key }) {
    guard properties[property] != nil else {
      problems.append("\(S.self) has no stored property “\(property)”.")
      continue
    }
    var changed = stage
    change(&changed)
    let after = storedProperties(of: changed)
    let moved = properties.keys.filter { properties[$0] != after[$0] }
    guard moved == [property] else {
      problems.append(
        "The change for “\(property)” changes \(moved.isEmpty ? "nothing" : moved.sorted().joined(separator: ", ")).")
      continue
    }
    let key = try recipeTemplate(of: changed)
    if comesFromRecipe, let problem = problemOfDecoding(changed, key) {
      problems.append("With another “\(property)”: \(problem)")
    }
    if unkeyed.contains(property) {
      if key != original { problems.append("The key counts “\(property)” of \(S.self), which it should not.") }
    } else if let other = seen.updateValue("“\(property)”", forKey: key) {
      problems.append("The key does not see a change of “\(property)” of \(S.self): it is that of \(other).")
    }
  }
  if comesFromRecipe, let problem = problemOfDecoding(stage, original) { problems.append(problem) }
  do {
    let copy = try JSONDecoder().decode(S.self, from: try JSONEncoder().encode(stage))
    if try recipeTemplate(of: copy) != original {
      problems.append("\(S.self) is another stage after it was encoded and decoded.")
    }
  } catch {
    problems.append("\(S.self) cannot be encoded and decoded: \(error).")
  }
  if !problems.isEmpty { throw KeyCoverageFailure(problems: problems) }
}

/// What keeps a stage from being made again from its recipe; nil where nothing does.
private func problemOfDecoding<S: Stage>(_ stage: S, _ template: RecipeTemplate) -> String? {
  var edges: [Digest: Edge] = [:]
  var sources: [Digest: SourceDeclaration] = [:]
  let recipe = template.filled { hole in
    let digest = Digest(of: Array("\(hole)".utf8))
    switch hole {
    case .input(let edge): edges[digest] = edge
    case .source(let index): sources[digest] = template.sources[index]
    }
    return digest
  }
  do {
    guard let recipe else { return "\(S.self) has no recipe." }
    let gone = RetortError("test.gone", "An input is not in the recipe.", blame: .internal)
    let substitutes = RecipeDecoder.Substitutes(
      edge: { digest in
        guard let edge = edges[digest] else { throw gone }
        return edge
      },
      source: { digest in
        guard let source = sources[digest] else { throw gone }
        return source
      })
    let copy = try RecipeDecoder(recipe).decode(S.self, with: substitutes)
    return try recipeTemplate(of: copy) == template
      ? nil : "\(S.self) is another stage after it was made from its recipe."
  } catch {
    return "\(S.self) cannot be made again from its recipe: \(error)."
  }
}

private func recipeTemplate<S: Stage>(of stage: S) throws -> RecipeTemplate {
  try RecipeTemplate(stage: S.id, version: S.version, options: stage, defaultSeed: 0)
}

/// Each stored property as text that tells its values apart.
private func storedProperties(of stage: some Stage) -> [String: String] {
  var properties: [String: String] = [:]
  for child in Mirror(reflecting: stage).children {
    guard let label = child.label else { continue }
    var text = ""
    dump(child.value, to: &text)
    properties[label] = text
  }
  return properties
}
