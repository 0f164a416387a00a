/// Finds what goes into each hole of a template.
struct InputFilling {
  private let sourceNames: [SourceDeclaration]
  private let inputs: [Step.Input]
  private let sources: [SourceDeclaration: Digest]
  private var next = 0
  private var steps: [Edge: Int]?

  init(template: RecipeTemplate, inputs: [Step.Input], sources: [SourceDeclaration: Digest]) {
    sourceNames = template.sources
    self.inputs = inputs
    self.sources = sources
  }

  /// The digest for the next hole; nil while it is not known.
  ///
  /// Inputs are in order of their first place, so each hole takes the next one, or one that came before.
  ///
  /// - Parameter digest: what a step gives at a port, if it is known.
  mutating func digest(for hole: RecipeHole, from digest: (_ step: Int, _ port: String) -> Digest?) -> Digest? {
    switch hole {
    case .source(let index): return sources[sourceNames[index]]
    case .input(let edge):
      if next < inputs.count, inputs[next].edge == edge {
        next += 1
        return digest(inputs[next - 1].step, edge.port)
      }
      let known = steps ?? Dictionary(inputs.map { ($0.edge, $0.step) }, uniquingKeysWith: { first, _ in first })
      steps = known
      return known[edge].flatMap { digest($0, edge.port) }
    }
  }
}
