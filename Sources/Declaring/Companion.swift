import FoundationEssentials

/// Declares a stage that belongs to another one, such as the evaluation of a model: its label is the owner's with a suffix.
///
/// Asked for again with the same options, it returns the stage that is there.
public func companion<Owner, S: Stage>(_ suffix: String, of owner: Ref<Owner>, _ stage: S) -> Ref<S.Output> {
  guard let arena = PipelineArena.current, owner.edge.arena == arena.id else { return declare(nil, stage) }
  let base = arena.stage(at: owner.edge.node)?.label ?? "stage \(owner.edge.node)"
  let port = owner.edge.port.isEmpty ? "" : ".\(owner.edge.port)"
  var label = "\(base)\(port)/\(suffix)"
  var count = 1
  while let position = arena.position(of: label) {
    if let found = arena.stage(at: position)?.stage as? S, isDeclaredAlike(found, stage) {
      return Ref(edge: Edge(node: position, arena: arena.id))
    }
    count += 1
    label = "\(base)\(port)/\(suffix)-\(count)"
  }
  return declare(label, stage)
}

/// Whether two stages were written alike, paths and destinations included: their plain encodings are equal.
private func isDeclaredAlike<S: Stage>(_ one: S, _ other: S) -> Bool {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  guard let left = try? encoder.encode(one), let right = try? encoder.encode(other) else { return false }
  return left == right
}
