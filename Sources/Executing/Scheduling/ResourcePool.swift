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
  private var usedDevices: Set<String> = []
  private var hasExclusive = false

  init(cores: Int, memory: Int, jobs: Int) {
    self.cores = max(1, cores)
    self.memory = max(0, memory)
    self.jobs = max(1, jobs)
  }

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
      && usedMemory + wish.memory <= memory && usedDevices.isDisjoint(with: wish.devices)
  }

  mutating func take(_ grant: Resources) {
    running += 1
    usedCores += grant.cores
    usedMemory += grant.memory
    usedDevices.formUnion(grant.devices)
    if grant.isExclusive { hasExclusive = true }
  }

  mutating func give(_ grant: Resources) {
    running -= 1
    usedCores -= grant.cores
    usedMemory -= grant.memory
    usedDevices.subtract(grant.devices)
    if grant.isExclusive { hasExclusive = false }
  }
}
