import Declaring
import Planning

extension Scheduler {
  /// The run was asked to stop: nothing begins any more, and who waits is told.
  func stopped() {
    withdraw { $0.phase != .running }
    // Stages that wait to go on after a sub-stage must, to end.
    for id in ready.drain() { resume(states[id]) }
    for state in states where state.phase == .parked {
      settle(state, interruption(of: state))
      state.clock?.cancel()
    }
    if signal.level == .now {
      for state in states where state.phase == .running {
        guard let control = state.control else { continue }
        control.stop()
        state.task?.cancel()
        giveUpLater(state, control, nil)
      }
    }
    advance()
  }

  // MARK: One attempt

  /// Ends an attempt that takes longer than allowed.
  func watch(_ state: StepState, _ control: AttemptControl, seconds: Double) {
    let id = state.id
    state.clock = Task {
      do {
        try await Task.sleep(nanoseconds: UInt64(max(0, seconds) * 1e9))
      } catch {
        return
      }
      self.timeOut(id, control, after: seconds)
    }
  }

  private func timeOut(_ id: Int, _ control: AttemptControl, after seconds: Double) {
    let state = states[id]
    guard state.control === control else { return }
    let place = Place(stage: state.step.label)
    let time = seconds < 9.95 ? "\((seconds * 10).rounded() / 10)" : "\(Int(min(seconds, 1e9).rounded()))"
    end(
      state, control,
      because: RetortError(
        "stage.timeout", "The stage was ended after \(time) s: it took longer than allowed.",
        remedy: "Allow more time with --timeout, or let it do less.", at: place, blame: .stage),
      orElse: RetortError(
        "stage.timeout", "The stage did not end when its \(seconds) s were over; the run goes on without it.",
        remedy: "Allow more time, or let it look for cancellation more often.", at: place, blame: .stage))
  }

  /// Asks a running attempt to end, with all that it runs inside itself.
  ///
  /// - Parameter failure: what it has failed with where it does not end; nil for `reason`.
  func end(
    _ state: StepState, _ control: AttemptControl, because reason: RetortError, orElse failure: RetortError? = nil
  ) {
    control.stop(because: reason)
    state.task?.cancel()
    answer(state, .failure(CancellationError()))
    endInside(state)
    giveUpLater(state, control, failure ?? reason)
  }

  /// Ends what an attempt runs inside itself. The attempt hears of it at once: it may end before they do.
  func endInside(_ owner: StepState) {
    guard owner.open > 0 else { return }
    for state in states[plan.steps.count...] where state.parent == owner.id && state.phase != .done {
      let waiter = state.waiter
      state.waiter = nil
      waiter?.resume(throwing: CancellationError())
      if state.phase == .running, let control = state.control {
        end(
          state, control,
          because: RetortError(
            "stage.ended", "The stage was ended with the one that ran it.", at: Place(stage: state.step.label),
            blame: .stage))
      } else {
        state.clock?.cancel()
        refuse(state)
      }
    }
  }

  // MARK: Giving up

  private func giveUpLater(_ state: StepState, _ control: AttemptControl, _ error: RetortError?) {
    let id = state.id
    let grace = options.grace
    Task {
      try? await Task.sleep(nanoseconds: UInt64(max(0, grace) * 1e9))
      self.giveUp(id, control, error)
    }
  }

  /// Goes on without an attempt that does not end. Its thread stays, but whatever it writes counts for nothing.
  private func giveUp(_ id: Int, _ control: AttemptControl, _ error: RetortError?) {
    let state = states[id]
    guard state.control === control, control.giveUp() else { return }
    live -= 1
    beginDeafness(of: state, control)
    release(state)
    if let attempt = control.abandoned {
      state.log = attempt.log
      if let error { try? attempt.fail(error) } else { try? attempt.abandon() }
    }
    if let error { fail(state, error) } else { settle(state, .interrupted) }
    land(state)
    advance()
  }
}
