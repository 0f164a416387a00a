/// Puts the digests of inputs and sources into a template.
struct InputFilling {
  let template: RecipeTemplate
  let inputs: [Step.Input]
  let sources: [SourceDeclaration: Digest]

  /// Nil while an input is unknown.
  ///
  /// Inputs are in order of their first place, so each hole takes the next one, or one that came before.
  ///
  /// - Parameter digest: what a step gives at a port, if it is known.
  func recipe(from digest: (_ step: Int, _ port: String) -> Digest?) -> Recipe? {
    var next = 0
    var earlier: [Edge: Int]?
    return template.filled { hole in
      switch hole {
      case .source(let index): return sources[template.sources[index]]
      case .input(let edge):
        if next < inputs.count, inputs[next].edge == edge {
          next += 1
          return digest(inputs[next - 1].step, edge.port)
        }
        let steps = earlier ?? Dictionary(inputs.map { ($0.edge, $0.step) }, uniquingKeysWith: { first, _ in first })
        earlier = steps
        return steps[edge].flatMap { digest($0, edge.port) }
      }
    }
  }
}
