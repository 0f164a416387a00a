import Declaring

/// Steps that wait for resources, the most urgent first.
///
/// Steps that ask for the same lie in one heap, so that finding one that fits costs as many looks as there are kinds of
/// wishes, however many steps wait.
struct ReadyQueue {
  struct Entry {
    var step: Int
    /// Sub-stages before ordinary steps, for somebody waits for them with half-done work.
    var rank: Int
    /// How long the longest way takes from here: see `CriticalPath`.
    var height: Double

    func precedes(_ other: Entry) -> Bool {
      (rank, height, -step) > (other.rank, other.height, -other.step)
    }
  }

  private var heaps: [[Entry]] = []
  private var wishes: [Resources] = []
  private var index: [Resources: Int] = [:]
  /// How often steps went before the most urgent one, because it did not fit though its devices were free.
  private var bypassed = 0
  private static let patience = 64

  private(set) var count = 0
  var isEmpty: Bool { count == 0 }

  mutating func add(_ entry: Entry, wish: Resources) {
    let heap = index[wish] ?? heaps.count
    if heap == heaps.count {
      heaps.append([])
      wishes.append(wish)
      index[wish] = heap
    }
    count += 1
    heaps[heap].append(entry)
    siftUp(heap)
  }

  /// Takes the most urgent step that `pool` has room for.
  mutating func next(in pool: ResourcePool) -> (step: Int, wish: Resources)? {
    guard count > 0, pool.running < pool.jobs else { return nil }
    var best: Int?
    var urgent: Int?
    for heap in heaps.indices {
      guard let entry = heaps[heap].first else { continue }
      if urgent.map({ entry.precedes(heaps[$0][0]) }) ?? true { urgent = heap }
      if pool.fits(wishes[heap]), best.map({ entry.precedes(heaps[$0][0]) }) ?? true { best = heap }
    }
    guard let best, let urgent else { return nil }
    if best == urgent {
      bypassed = 0
    } else if pool.hasDevices(for: wishes[urgent]) {
      // A step that needs the whole machine gets it in the end: nothing overtakes it for ever.
      guard bypassed < Self.patience else { return nil }
      bypassed += 1
    }
    count -= 1
    return (pop(best).step, wishes[best])
  }

  /// Takes everything out.
  mutating func drain() -> [Int] {
    defer {
      heaps = heaps.map { _ in [] }
      count = 0
      bypassed = 0
    }
    return heaps.joined().map(\.step)
  }

  private mutating func siftUp(_ heap: Int) {
    var child = heaps[heap].count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heaps[heap][child].precedes(heaps[heap][parent]) else { return }
      heaps[heap].swapAt(child, parent)
      child = parent
    }
  }

  private mutating func pop(_ heap: Int) -> Entry {
    let last = heaps[heap].count - 1
    heaps[heap].swapAt(0, last)
    let entry = heaps[heap].removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < last {
        if heaps[heap][child].precedes(heaps[heap][least]) { least = child }
      }
      if least == parent { return entry }
      heaps[heap].swapAt(parent, least)
      parent = least
    }
  }
}
