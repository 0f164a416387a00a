import Declaring
import Planning

/// An attempt that was given up while its body goes on. Until that ends it keeps its key and its devices: both are in use.
struct DeafAttempt {
  var control: AttemptControl
  var label: String
  var key: Key?
  var devices: [Device]
  var leases: [any Lease]
  var since: Double
}

extension Scheduler {
  /// How long a step waits for what a deaf attempt holds, in seconds.
  private var patienceWithDeafness: Double { 4 * max(0, options.grace) }

  /// Keeps from others what the body of an attempt still uses. Call it before the rest is released.
  func beginDeafness(of state: StepState, _ control: AttemptControl) {
    deaf.append(
      DeafAttempt(
        control: control, label: state.step.label, key: state.key, devices: state.heldDevices,
        leases: state.deviceLeases, since: Clock.steady))
    (state.heldDevices, state.deviceLeases) = ([], [])
  }

  /// The body of an attempt that was given up has ended.
  func endDeafness(of control: AttemptControl) {
    guard let index = deaf.firstIndex(where: { $0.control === control }) else { return }
    let attempt = deaf.remove(at: index)
    pool.giveBack(attempt.devices)
    for lease in attempt.leases { lease.release() }
    advance()
  }

  /// Fails a step that has waited long enough for a deaf attempt at its own key.
  func refuseDeafness(over state: StepState) throws {
    if let attempt = longDeaf.first(where: { $0.key == state.key }) { throw deafness(of: attempt, state) }
  }

  /// Fails a step that cannot have enough of the devices `ids` while deaf attempts hold theirs.
  func refuseDeafness(over ids: [String], of name: String, for state: StepState) throws {
    let holders = longDeaf.filter { $0.devices.contains { $0.name == name && ids.contains($0.id) } }
    guard let first = holders.first else { return }
    let held = Set(holders.lazy.flatMap(\.devices).filter { $0.name == name }.map(\.id))
    if ids.count(where: { !held.contains($0) }) < state.wish.devices[name] ?? 0 { throw deafness(of: first, state) }
  }

  private var longDeaf: [DeafAttempt] {
    let now = Clock.steady
    return deaf.filter { now - $0.since >= patienceWithDeafness }
  }

  private func deafness(of attempt: DeafAttempt, _ state: StepState) -> RetortError {
    RetortError(
      "stage.deaf",
      "What the stage needs is still held by an attempt at “\(attempt.label)” that was given up but has not ended.",
      remedy: "Let that stage look for cancellation more often, or run it with --isolate.",
      at: Place(stage: state.step.label), blame: .stage)
  }
}
