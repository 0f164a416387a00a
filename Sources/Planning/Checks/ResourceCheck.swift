/// Whether what a step asks for can ever be free.
enum ResourceCheck {
  static func check(_ resources: Resources, _ capacity: PlanOptions.Capacity?, report: (RetortError) -> Void) {
    func fault(_ field: String, _ message: String, _ remedy: String) {
      report(RetortError("plan.resources", message, remedy: remedy, at: Place(field: field)))
    }
    if resources.cores < 1 { fault("cores", "It asks for \(resources.cores) cores.", "Ask for one at least.") }
    if resources.memory < 0 {
      fault("memory", "It asks for \(resources.memory) bytes of memory.", "Ask for 0 where it does not matter.")
    }
    if resources.devices.count > 1, Set(resources.devices).count < resources.devices.count {
      fault("devices", "It asks for one device twice.", "Name each device once.")
    }
    guard let capacity else { return }
    if resources.cores > capacity.cores {
      fault(
        "cores", "It asks for \(resources.cores) cores, and the run has \(capacity.cores).",
        "Ask for fewer, or give the run more with --threads.")
    }
    if let memory = capacity.memory, resources.memory > memory {
      fault(
        "memory", "It asks for \(resources.memory) bytes of memory, and there are \(memory).",
        "Ask for less, or run it on a larger machine.")
    }
    for device in resources.devices.isEmpty ? [] : Set(resources.devices).subtracting(capacity.devices).sorted() {
      fault("devices", "It asks for the device “\(device)”, which the run does not have.", "Add the device to the run.")
    }
  }
}
