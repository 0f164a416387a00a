/// Declares a stage that belongs to another one, such as the evaluation of a model: its label is the owner's with a suffix.
///
/// Asked for again with the same options, it returns the stage that is there.
public func companion<Owner, S: Stage>(_ suffix: String, of owner: Ref<Owner>, _ stage: S) -> Ref<S.Output> {
  guard let arena = PipelineArena.current, owner.edge.arena == arena.id else { return declare(nil, stage) }
  let stages = arena.stages
  let base =
    (stages.indices.contains(owner.edge.node) ? stages[owner.edge.node].label : nil) ?? "stage \(owner.edge.node)"
  let wanted = try? RecipeTemplate(stage: S.id, version: S.version, options: stage, defaultSeed: 0)
  var label = "\(base)/\(suffix)"
  var count = 1
  while let index = stages.firstIndex(where: { $0.label == label }) {
    if let wanted, let same = stages[index].stage as? S,
      let found = try? RecipeTemplate(stage: S.id, version: S.version, options: same, defaultSeed: 0), found == wanted
    {
      return Ref(edge: Edge(node: index, arena: arena.id))
    }
    count += 1
    label = "\(base)/\(suffix)-\(count)"
  }
  return declare(label, stage)
}
