/// A stage that another one runs inside itself, planned like any other: its key, and what to do about it.
public struct Substage: Sendable {
  public let label: String
  public let stage: any Stage
  public let identity: StageIdentity
  public let determinism: Determinism
  public let resources: Resources
  public let recipe: Recipe
  public let key: Key
  /// The edges that flow in, each once.
  public let inputs: [Edge]
  /// What it forecasts of its output.
  public let facts: Facts
  /// The contents of the user's files that it was planned with.
  public let sources: [SourceDeclaration: Digest]
}

/// What a running stage knows of one of its own inputs, or of a sub-stage's output.
public struct KnownInput: Sendable, Hashable {
  public var digest: Digest
  public var facts: Facts

  public init(digest: Digest, facts: Facts) {
    self.digest = digest
    self.facts = facts
  }
}

extension Planner {
  /// Plans one stage for `context.run`.
  ///
  /// - Parameters:
  ///   - owner: the running stage, whose `uses` must list the type.
  ///   - uses: what it may run with its options; nil for all that its type lists.
  ///   - label: for people, such as `search/trial-3`.
  ///   - input: what is known under an edge; nil for one that the owner cannot know.
  /// - Throws: `PlanFaults` with everything that is wrong with it.
  public func substage<S: Stage>(
    _ stage: S, of owner: any Stage.Type, uses: [any Stage.Type]? = nil, label: String, input: (Edge) -> KnownInput?
  ) throws -> Substage {
    var faults = FaultCollector()
    var catalogue = StageCatalogue(machine: options.machine)
    if !(uses ?? owner.uses).contains(where: { $0 == S.self }) {
      faults.add(
        RetortError(
          "plan.substage-unlisted", "The stage “\(owner.id)” runs “\(S.id)”, which it does not list in `uses`.",
          remedy: "Add \(S.self).self to its `uses`.", at: Place(field: "uses"), blame: .stage))
    }
    catalogue.check(S.self, node: 0, label: label, faults: &faults)
    if let fault = catalogue.fault(inUsesOf: stage) { faults.add(fault) }
    let traits = catalogue.traits(of: stage)
    let template: RecipeTemplate
    do {
      template = try RecipeEncoder(defaultSeed: options.defaultSeed).template(of: stage, traits: traits)
    } catch {
      faults.add(error)
      throw PlanFaults(faults.sorted.map { $0.located(Place(stage: label)) })
    }

    var known: [Edge: KnownInput] = [:]
    for edge in template.edges where known[edge] == nil {
      if let input = input(edge) {
        known[edge] = input
      } else {
        faults.add(
          RetortError(
            "plan.substage-input", "It takes an input that the running stage does not have.",
            remedy: "Pass a reference that is a stored property of the stage, or a sub-stage's.",
            at: Place(field: template.field(of: .input(edge))), blame: .stage))
      }
    }
    var sources: [SourceDeclaration: Digest] = [:]
    for (index, source) in template.sources.enumerated() where sources[source] == nil {
      do {
        sources[source] = try open().digest(of: source)
      } catch {
        let field = template.field(of: .source(index))
        faults.add(SourceReading.fault(error, source).located(Place(field: field)))
      }
    }
    var forecast = Forecast(inputs: known.mapValues(\.facts))
    let facts = stage.forecast(&forecast)
    forecast.faults.forEach { faults.add($0) }
    ResourceCheck.check(stage.resources, options.capacity) { faults.add($0) }

    let recipe = template.filled { hole in
      switch hole {
      case .input(let edge): known[edge]?.digest
      case .source(let index): sources[template.sources[index]]
      }
    }
    guard let recipe, faults.isEmpty else { throw PlanFaults(faults.sorted.map { $0.located(Place(stage: label)) }) }
    return Substage(
      label: label, stage: stage, identity: traits.identity, determinism: traits.determinism,
      resources: stage.resources, recipe: recipe, key: recipe.key, inputs: template.edges.uniqued(), facts: facts,
      sources: sources)
  }
}
