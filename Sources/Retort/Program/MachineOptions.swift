import ArgumentParser
import FoundationEssentials
import Planning

/// What a run may use of its machine. Nothing here changes a result.
struct MachineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Threads to compute with. (default: the cores)", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Memory for stages that say how much they need: 8GB. (default: all that this process may use)", valueName: "size")
  )
  var memory: ByteCount?

  @Option(
    help: ArgumentHelp(
      "Devices that stages may ask for, by name and ids: gpu=0,1. May be repeated. (default: RETORT_DEVICES)",
      valueName: "device"))
  var device: [String] = []

  mutating func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1, and is \(threads).") }
    if let memory, memory.bytes < 1 { throw ValidationError("--memory must be more than nothing.") }
  }

  /// In bytes; 0 where it is not known.
  var memoryBytes: Int { memory?.bytes ?? Machine.usableMemory }

  func devices() throws -> DeviceNames {
    try DeviceNames(device, environment: ProcessInfo.processInfo.environment)
  }

  /// What a plan is checked against. More threads than there are cores are the user's to ask for.
  func capacity() throws -> PlanOptions.Capacity {
    PlanOptions.Capacity(
      cores: max(Machine.cores, threads ?? 1), memory: memoryBytes > 0 ? memoryBytes : nil,
      devices: try devices().counts)
  }
}
