import Declaring
import Stages

/// The types of stages that a recipe may be carried out with, by their id.
package struct StageRegistry: Sendable {
  private let types: [String: [any Stage.Type]]

  /// - Parameter pipeline: a pipeline whose stages, and those that they use, are known beside Retort's own.
  package init(_ pipeline: Pipeline? = nil) {
    let own = (pipeline?.stages ?? []).map { type(of: $0.stage) } as [any Stage.Type]
    types = Dictionary(grouping: (own + BuiltInStages.types).withUses()) { $0.id }
  }

  /// Types of that id: several where they differ in their kinds alone.
  func types(of id: String) -> [any Stage.Type] { types[id] ?? [] }
}
