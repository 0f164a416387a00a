/// Collects the roots of a pipeline: the expressions of its body. Everything that they need is found from them.
@resultBuilder
public enum PipelineBuilder {
  public static func buildExpression<Output>(_ root: Ref<Output>) -> [Edge] { [root.edge] }
  public static func buildExpression<Output>(_ roots: [Ref<Output>]) -> [Edge] { roots.map(\.edge) }
  /// A stage without a label is named for its type.
  public static func buildExpression<S: Stage>(_ stage: S) -> [Edge] { [declare(nil, stage).edge] }
  public static func buildExpression<S: Stage>(_ stages: [S]) -> [Edge] { stages.map { declare(nil, $0).edge } }
  /// A pipeline that a helper function built adds its roots.
  public static func buildExpression(_ pipeline: Pipeline) -> [Edge] { pipeline.roots }
  public static func buildBlock(_ parts: [Edge]...) -> [Edge] { Array(parts.joined()) }
  public static func buildOptional(_ part: [Edge]?) -> [Edge] { part ?? [] }
  public static func buildEither(first part: [Edge]) -> [Edge] { part }
  public static func buildEither(second part: [Edge]) -> [Edge] { part }
  public static func buildArray(_ parts: [[Edge]]) -> [Edge] { Array(parts.joined()) }
  public static func buildLimitedAvailability(_ part: [Edge]) -> [Edge] { part }

  public static func buildFinalResult(_ roots: [Edge]) -> Pipeline {
    let arena = PipelineArena.current
    var seen: Set<Edge> = []
    return Pipeline(
      stages: arena?.stages ?? [], roots: roots.filter { seen.insert($0).inserted }, arena: arena?.id ?? 0)
  }
}

/// Collects references of one type, as in `Compare(on: data) { teacher; students }`.
@resultBuilder
public enum RefBuilder<Output: StageOutput> {
  public static func buildExpression(_ ref: Ref<Output>) -> [Ref<Output>] { [ref] }
  public static func buildExpression(_ refs: [Ref<Output>]) -> [Ref<Output>] { refs }
  public static func buildBlock(_ parts: [Ref<Output>]...) -> [Ref<Output>] { Array(parts.joined()) }
  public static func buildOptional(_ part: [Ref<Output>]?) -> [Ref<Output>] { part ?? [] }
  public static func buildEither(first part: [Ref<Output>]) -> [Ref<Output>] { part }
  public static func buildEither(second part: [Ref<Output>]) -> [Ref<Output>] { part }
  public static func buildArray(_ parts: [[Ref<Output>]]) -> [Ref<Output>] { Array(parts.joined()) }
}
