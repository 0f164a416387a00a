import Declaring
import Planning

extension DeliveryAccount {
  /// The account of a planned step: itself and everything that it was made from.
  ///
  /// - Parameter execution: the result of a step, where the run knows one.
  init(
    of target: Int, in plan: Plan, from store: any ArtifactStore, execution: @escaping @Sendable (Int) -> Execution?
  ) {
    var reached: Set<Int> = [target]
    var open = [target]
    while let next = open.popLast() {
      for input in plan.steps[next].inputs where reached.insert(input.step).inserted { open.append(input.step) }
    }
    let order = reached.sorted()
    let places = Dictionary(order.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
    let steps = order.map { index in
      let step = plan.steps[index]
      let sources = step.template.sources.enumerated().compactMap { number, source in
        plan.sources[source].map { digest in
          Source(
            option: step.template.field(of: .source(number)) ?? "", path: source.path, digest: digest)
        }
      }
      return Step(
        label: step.label, stage: step.identity, options: step.optionValues.map { Option($0.name, $0.value) },
        inputs: step.inputs.compactMap { input in places[input.step].map { Input(edge: input.edge, step: $0) } },
        sources: sources, outputs: execution(index)?.outputs ?? [:])
    }
    let inputs = plan.steps[target].inputs
    self.init(steps: steps) { edge in
      let giver = inputs.first { $0.edge.node == edge.node && $0.edge.arena == edge.arena }
      guard let output = giver.flatMap({ execution($0.step) })?.output(edge.port) else {
        throw RetortError(
          "stage.undeclared-input", "A note reads a reference that is no stored property of its stage.", blame: .stage)
      }
      return StoredPart(content: try store.content(of: output.digest), facts: output.facts)
    }
  }
}
