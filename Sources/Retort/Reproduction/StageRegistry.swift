import Declaring
import Stages

/// The types of stages that a recipe may be carried out with, by their id.
package struct StageRegistry: Sendable {
  private var types: [String: [any Stage.Type]] = [:]

  /// - Parameter pipeline: a pipeline whose stages, and those that they use, are known beside Retort's own.
  package init(_ pipeline: Pipeline? = nil) {
    var seen: Set<ObjectIdentifier> = []
    var open: [any Stage.Type] = (pipeline?.stages ?? []).map { type(of: $0.stage) } + BuiltInStages.types
    var next = 0
    while next < open.count {
      let type = open[next]
      next += 1
      guard seen.insert(ObjectIdentifier(type)).inserted else { continue }
      types[type.id, default: []].append(type)
      open += type.uses
    }
  }

  /// Types of that id: several where they differ in their kinds alone.
  func types(of id: String) -> [any Stage.Type] { types[id] ?? [] }
}
