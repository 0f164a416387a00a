import Declaring
import Planning

extension Scheduler {
  /// Runs a stage inside that of step `parent`, as if the pipeline had declared it, and returns its execution.
  ///
  /// While it waits, the parent's grant is lent: whoever holds resources computes, so nobody waits for ever.
  func runSubStage<S: Stage>(_ stage: S, of parent: Int, _ services: AttemptServices) async throws -> Execution {
    let owner = states[parent]
    let control = services.control
    guard control.level == .none, owner.control === control else { throw CancellationError() }
    let state = try prepare(stage, owner, services)
    lend(owner)
    let result: Result<Execution, any Error>
    do {
      let execution = try await withCheckedThrowingContinuation { continuation in
        state.waiter = continuation
        arrived.append(state.id)
        advance()
      }
      result = .success(execution)
    } catch {
      result = .failure(error)
    }
    try await takeBack(owner, control)
    return try result.get()
  }

  private func prepare<S: Stage>(_ stage: S, _ owner: StepState, _ services: AttemptServices) throws -> StepState {
    let label = label(ofSubStage: S.self, in: owner)
    let planned = try Planner(store: store, options: plan.options).substage(
      stage, of: type(of: owner.step.stage), uses: owner.step.stage.uses, label: label
    ) { edge in
      guard let execution = try? services.execution(of: edge), let digest = execution.digest(port: edge.port)
      else { return nil }
      return KnownInput(digest: digest, facts: execution.facts.port(edge.port))
    }
    try refuseCycle(planned, owner)
    var inputs: [Edge: Execution] = [:]
    for edge in planned.inputs { inputs[edge] = try services.execution(of: edge) }
    let state = StepState(
      id: states.count,
      step: RunStage(
        label: label, stage: stage, identity: planned.identity, resources: planned.resources, isForced: false),
      parent: owner.id, owner: services.control)
    state.recipe = planned.recipe
    state.key = planned.key
    state.given = (inputs, planned.sources)
    state.height = owner.height + 1
    states.append(state)
    return state
  }

  /// The parent's label and the type's name, with a number from the second of its kind on.
  private func label<S: Stage>(ofSubStage type: S.Type, in owner: StepState) -> String {
    let name = String(String(describing: type).prefix { $0 != "<" })
    let count = (owner.childLabels[name] ?? 0) + 1
    owner.childLabels[name] = count
    return "\(owner.step.label)/\(name)" + (count == 1 ? "" : "-\(count)")
  }

  /// A stage whose key is that of one it runs in would wait for itself.
  private func refuseCycle(_ planned: Substage, _ owner: StepState) throws {
    var next: StepState? = owner
    while let ancestor = next {
      if ancestor.key == planned.key {
        throw RetortError(
          "stage.cycle", "The stage runs itself inside itself, with the same inputs and options.",
          remedy: "Let it run something smaller.", at: Place(stage: planned.label), blame: .stage)
      }
      next = ancestor.parent.map { states[$0] }
    }
  }

  private func lend(_ owner: StepState) {
    owner.open += 1
    if owner.holdsGrant { give(owner) }
  }

  /// Gets the grant back once no sub-stage is open.
  ///
  /// - Throws: `CancellationError` where the attempt is over or cannot go on.
  private func takeBack(_ owner: StepState, _ control: AttemptControl) async throws {
    guard owner.control === control else { throw CancellationError() }
    owner.open -= 1
    guard owner.open == 0, !owner.holdsGrant else { return }
    // It only has to end now: it computes on no device any more.
    if control.level > .none { return take(owner) }
    try await withCheckedThrowingContinuation { continuation in
      owner.resumes.append(continuation)
      if owner.resumes.count == 1 { queueToResume(owner) }
      advance()
    }
  }

  private func queueToResume(_ owner: StepState) {
    ready.add(.init(step: owner.id, rank: 2, height: owner.height), wish: owner.wish)
  }

  /// Another step or run has the devices of a stage that wants to go on.
  private func resumeLater(_ owner: StepState) {
    let seconds = owner.patience
    owner.patience = min(0.25, seconds * 1.5)
    Task {
      try? await Task.sleep(nanoseconds: UInt64(seconds * 1e9))
      guard !owner.resumes.isEmpty else { return }
      queueToResume(owner)
      advance()
    }
  }

  /// Lets a stage go on that waited for its grant.
  func resume(_ owner: StepState) {
    if owner.open == 0, !owner.holdsGrant, let control = owner.control {
      // It goes on with the devices that it had, as soon as it can have them.
      do {
        guard try control.level > .none || leaseDevices(for: owner) else { return resumeLater(owner) }
      } catch {
        let error = RetortError(of: error, in: owner.step.label)
        // The body may take what it is told now for a failure of its sub-stage, and go on.
        control.lose(because: error)
        return end(owner, control, because: error)
      }
      take(owner)
    }
    answer(owner, .success(()))
  }

  func answer(_ owner: StepState, _ result: Result<Void, any Error>) {
    let resumes = owner.resumes
    owner.resumes = []
    for continuation in resumes { continuation.resume(with: result) }
  }

  private func take(_ owner: StepState) {
    owner.holdsGrant = true
    pool.take(owner.wish, owner.heldDevices)
    share.update(running: pool.running, usedCores: pool.usedCores)
  }
}
