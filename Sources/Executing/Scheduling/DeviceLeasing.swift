import Declaring
import Planning

extension Scheduler {
  /// Takes the devices that a step asks for: free ones of this run that no other run which shares the store has, or, where
  /// it lent them to its sub-stages, the same again.
  ///
  /// All or none: who holds devices never waits for more.
  /// - Returns: false where there are too few just now.
  /// - Throws: what the store says, and `stage.deaf`.
  func leaseDevices(for state: StepState) throws -> Bool {
    guard !state.wish.devices.isEmpty else { return true }
    var devices: [Device] = []
    var leases: [any Lease] = []
    for (name, count) in state.wish.devices.sorted(by: { $0.key < $1.key }) {
      let had = state.devices.filter { $0.name == name }.map(\.id)
      var candidates = pool.free(name)[...]
      if !had.isEmpty { candidates = candidates.filter(had.contains)[...] }
      var missing = count
      // As soon as too few are left, none is kept from others that could do with it.
      while missing > 0, candidates.count >= missing, let id = candidates.popFirst() {
        guard let lease = try store.lease(Device(name, id)) else { continue }
        leases.append(lease)
        devices.append(Device(name, id))
        missing -= 1
      }
      if missing > 0 {
        for lease in leases { lease.release() }
        try refuseDeafness(over: had.isEmpty ? pool.all(name) : had, of: name, for: state)
        return false
      }
    }
    (state.devices, state.heldDevices, state.deviceLeases) = (devices, devices, leases)
    return true
  }

  /// Lets others have the devices. A stage that only lends them remembers which they are.
  func releaseDevices(of state: StepState) {
    for lease in state.deviceLeases { lease.release() }
    (state.heldDevices, state.deviceLeases) = ([], [])
  }

  func missingDevice(_ name: String, of state: StepState) -> RetortError {
    RetortError(
      "run.device", "The stage asks for more devices “\(name)” than the run has.",
      remedy: "Say which there are: --device \(name)=0.", at: Place(stage: state.step.label, field: "devices"))
  }
}
