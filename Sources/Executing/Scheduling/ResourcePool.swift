import Declaring

/// What the machine has, and what running steps hold of it.
struct ResourcePool {
  /// Compute threads of the whole run.
  let cores: Int
  /// In bytes; 0 where it is not counted.
  let memory: Int
  /// Steps at once.
  let jobs: Int

  private(set) var running = 0
  private(set) var usedCores = 0
  private var usedMemory = 0
  /// The devices by name, all of them and those that no step of this run has.
  private let devices: [String: [String]]
  private var freeDevices: [String: [String]]
  private var hasExclusive = false

  init(cores: Int, memory: Int, jobs: Int, devices: [String: [String]] = [:]) {
    self.cores = max(1, cores)
    self.memory = max(0, memory)
    self.jobs = max(1, jobs)
    self.devices = devices
    freeDevices = devices
  }

  /// The name of a device of which `wish` asks for more than there ever are.
  func lacks(_ wish: Resources) -> String? {
    wish.devices.isEmpty ? nil : wish.devices.keys.sorted().first { wish.devices[$0] ?? 0 > devices[$0]?.count ?? 0 }
  }

  /// All devices of a name.
  func all(_ name: String) -> [String] { devices[name] ?? [] }

  /// The devices of a name that no step of this run has, in their order.
  func free(_ name: String) -> [String] { freeDevices[name] ?? [] }

  /// What a step gets that asks for more than the machine has: all of it.
  func clamped(_ wish: Resources) -> Resources {
    var wish = wish
    wish.cores = min(max(1, wish.cores), cores)
    wish.memory = memory == 0 ? 0 : min(max(0, wish.memory), memory)
    return wish
  }

  /// Whether `wish`, clamped, is free now.
  func fits(_ wish: Resources) -> Bool {
    if running == 0 { return true }
    return running < jobs && !hasExclusive && !wish.isExclusive && usedCores + wish.cores <= cores
      && usedMemory + wish.memory <= memory && hasDevices(for: wish)
  }

  /// Whether the devices that `wish` asks for are free now.
  func hasDevices(for wish: Resources) -> Bool {
    wish.devices.isEmpty || wish.devices.allSatisfy { $0.value <= free($0.key).count }
  }

  /// - Parameter taken: which devices, of those that are free.
  mutating func take(_ grant: Resources, _ taken: [Device] = []) {
    running += 1
    usedCores += grant.cores
    usedMemory += grant.memory
    for device in taken { freeDevices[device.name]?.removeAll { $0 == device.id } }
    if grant.isExclusive { hasExclusive = true }
  }

  mutating func give(_ grant: Resources, _ given: [Device] = []) {
    running -= 1
    usedCores -= grant.cores
    usedMemory -= grant.memory
    giveBack(given)
    if grant.isExclusive { hasExclusive = false }
  }

  /// Devices that were kept when the rest of a grant was given back.
  mutating func giveBack(_ given: [Device]) {
    for name in Set(given.lazy.map(\.name)) {
      let back = Set(given.lazy.filter { $0.name == name }.map(\.id)).union(free(name))
      freeDevices[name] = devices[name]?.filter(back.contains)
    }
  }
}
