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
    let devices = resources.devices.isEmpty ? [] : resources.devices.sorted { $0.key < $1.key }
    for (name, count) in devices where count < 1 {
      fault("devices", "It asks for \(count) of the devices “\(name)”.", "Ask for one at least, or leave the name out.")
    }
    guard let capacity else { return }
    if resources.cores > capacity.cores {
      fault(
        "cores", "It asks for \(resources.cores) cores, and the run has \(capacity.cores).",
        "Ask for fewer, or give the run more with --threads.")
    }
    if let memory = capacity.memory, resources.memory > memory {
      fault(
        "memory",
        "It asks for \(ByteText.of(resources.memory)) of memory, and the run has \(ByteText.of(memory)).",
        "Ask for less, or run it on a larger machine.")
    }
    guard let known = capacity.devices else { return }
    for (name, count) in devices where count > max(0, known[name] ?? 0) {
      fault("devices", missing(count, name, known), remedy(count, name, known))
    }
  }

  private static func missing(_ count: Int, _ name: String, _ known: [String: Int]) -> String {
    if let few = known[name] { return "It asks for \(count) devices “\(name)”, and the run has \(few)." }
    let others = known.keys.sorted().map { "“\($0)”" }.joined(separator: ", ")
    return "It asks for \(count == 1 ? "a device" : "\(count) devices") “\(name)”, and the run has "
      + (others.isEmpty ? "none." : "only \(others).")
  }

  private static func remedy(_ count: Int, _ name: String, _ known: [String: Int]) -> String {
    let option = "--device \(name)=\((0..<min(count, 8)).map(String.init).joined(separator: ","))"
    return known[name] == nil
      ? "Say which there are: \(option)." : "Ask for fewer, or say that there are more: \(option)."
  }
}
