extension Plan {
  /// The recipe of a step, or nil while an input is unknown.
  ///
  /// - Parameter execution: the execution whose output a step gives, if it is known.
  public func recipe(of step: Int, from execution: (Int) -> Execution?) -> Recipe? {
    let template = steps[step].template
    var filling = InputFilling(template: template, inputs: steps[step].inputs, sources: sources)
    return template.filled { hole in
      filling.digest(for: hole) { step, port in execution(step)?.digest(port: port) }
    }
  }

  /// What to do with a step once all its inputs are known: take what is cached, or execute it, and why.
  ///
  /// The scheduler calls it for a step that waited. A forced step is always executed.
  public func decide(_ step: Int, recipe: Recipe, in store: any ArtifactStore, for run: RunID?) throws -> Step.Status {
    let key = recipe.key
    if steps[step].isForced { return .execute(.forced) }
    let found = try store.executions(of: [key], preferring: options.machine.numerics, pinnedBy: run)
    if let execution = found[key] { return .cached(execution) }
    return .execute(
      try previous.reason(
        toRun: recipe, key: key, label: steps[step].label, stage: steps[step].identity, in: store))
  }

  /// Checks a step again once the facts of its inputs are those of real artifacts.
  ///
  /// - Returns: the faults, each with the step's label.
  public func faults(of step: Int, facts: @escaping (Int) -> Facts?) -> [RetortError] {
    var forecast = Forecasting.forecast(steps[step].inputs, from: facts)
    _ = steps[step].stage.forecast(&forecast)
    return forecast.faults.map { $0.located(Place(stage: steps[step].label)) }
  }
}
