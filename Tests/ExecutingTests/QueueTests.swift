import Artifacts
import Declaring
import Testing

@testable import Executing

@Suite struct QueueTests {
  @Test func theLongestWayGoesFirst() {
    var queue = ReadyQueue()
    let pool = ResourcePool(cores: 4, memory: 0, jobs: 4)
    for (step, height) in [(0, 1), (1, 5), (2, 5), (3, 9), (4, 0)] {
      queue.add(.init(step: step, rank: 0, height: Double(height)), wish: Resources())
    }
    queue.add(.init(step: 5, rank: 1, height: 0), wish: Resources(cores: 2))
    var order: [Int] = []
    while let next = queue.next(in: pool) { order.append(next.step) }
    #expect(order == [5, 3, 1, 2, 0, 4])
    #expect(queue.isEmpty)
  }

  /// Against a plain list that is searched for the most urgent step that fits.
  @Test func heapsAgreeWithASearch() {
    var random = SplitMix(state: 11)
    let wishes = [Resources(), Resources(cores: 2), Resources(cores: 3, memory: 50), Resources(devices: ["gpu": 1])]
    for _ in 0..<200 {
      var queue = ReadyQueue()
      var list: [(ReadyQueue.Entry, Resources)] = []
      var pool = ResourcePool(cores: 4, memory: 100, jobs: 3, devices: ["gpu": ["0", "1"]])
      var running: [(Resources, [Device])] = []
      for step in 0..<30 {
        switch random.next() % 3 {
        case 0 where !running.isEmpty:
          let (wish, devices) = running.removeLast()
          pool.give(wish, devices)
        default:
          let entry = ReadyQueue.Entry(step: step, rank: Int(random.next() % 2), height: Double(random.next() % 5))
          let wish = wishes[Int(random.next() % 4)]
          queue.add(entry, wish: wish)
          list.append((entry, wish))
        }
        let expected = list.filter { pool.fits($0.1) }.max { left, right in
          (left.0.rank, left.0.height, -left.0.step) < (right.0.rank, right.0.height, -right.0.step)
        }
        let next = queue.next(in: pool)
        #expect(next?.step == expected?.0.step)
        if let next {
          list.removeAll { $0.0.step == next.step }
          let devices = next.wish.devices.isEmpty ? [] : [Device("gpu", pool.free("gpu")[0])]
          pool.take(next.wish, devices)
          running.append((next.wish, devices))
        }
      }
      #expect(queue.count == list.count)
    }
  }

  @Test func aStepThatNeedsEverythingIsNotOvertakenForEver() {
    var queue = ReadyQueue()
    var pool = ResourcePool(cores: 2, memory: 0, jobs: 2)
    pool.take(Resources())
    queue.add(.init(step: 0, rank: 0, height: 9), wish: Resources(isExclusive: true))
    var small = 1
    while small < 10_000 {
      queue.add(.init(step: small, rank: 0, height: 0), wish: Resources())
      guard let next = queue.next(in: pool), next.step != 0 else { break }
      small += 1
    }
    #expect(small < 200)
    pool.give(Resources())
    #expect(queue.next(in: pool)?.step == 0)
  }

  /// A device that is in use for hours holds up only those that ask for it.
  @Test func aBusyDeviceLeavesTheCoresToOthers() {
    var queue = ReadyQueue()
    var pool = ResourcePool(cores: 2, memory: 0, jobs: 2, devices: ["gpu": ["0"]])
    let onDevice = Resources(devices: ["gpu": 1])
    pool.take(onDevice, [Device("gpu", "0")])
    queue.add(.init(step: 0, rank: 0, height: 9), wish: onDevice)
    for small in 1...200 {
      queue.add(.init(step: small, rank: 0, height: 0), wish: Resources())
      #expect(queue.next(in: pool)?.step == small)
    }
    pool.give(onDevice, [Device("gpu", "0")])
    #expect(queue.next(in: pool)?.step == 0)
  }

  @Test func whoAsksForTooMuchGetsAll() {
    let pool = ResourcePool(cores: 2, memory: 100, jobs: 2)
    let wish = pool.clamped(Resources(cores: 64, memory: 1 << 40))
    #expect(wish == Resources(cores: 2, memory: 100))
    #expect(pool.fits(wish))
  }

  @Test func devicesComeBackInTheirOrder() {
    var pool = ResourcePool(cores: 8, memory: 0, jobs: 8, devices: ["gpu": ["0", "1", "2"], "tpu": ["a"]])
    #expect(pool.lacks(Resources(devices: ["gpu": 3])) == nil)
    #expect(pool.lacks(Resources(devices: ["gpu": 4])) == "gpu" && pool.lacks(Resources(devices: ["gpv": 1])) == "gpv")
    let two = Resources(devices: ["gpu": 2])
    pool.take(two, [Device("gpu", "0"), Device("gpu", "2")])
    #expect(pool.free("gpu") == ["1"] && pool.free("tpu") == ["a"] && pool.free("gpv") == [])
    #expect(!pool.fits(two) && pool.fits(Resources(devices: ["gpu": 1, "tpu": 1])))
    pool.give(two, [Device("gpu", "2"), Device("gpu", "0")])
    #expect(pool.free("gpu") == ["0", "1", "2"] && pool.fits(two))
  }

  @Test func waitsDouble() {
    let policy = RetryPolicy(attempts: 5, delay: 1, longest: 5)
    #expect((1...5).map { policy.wait(after: $0) } == [1, 2, 4, 5, nil])
  }
}

/// Random numbers for tests, the same in every process.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
