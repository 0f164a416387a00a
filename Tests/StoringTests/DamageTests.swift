import Artifacts
import Foundation
import Testing

@testable import Storing

/// Bytes change on disk: the answer is right, a miss, or an error, and never wrong.
@Suite struct DamageTests {
  let scratch: Scratch
  let original: FilePath
  /// What the cache holds.
  let truth: [Key: Content]
  let steps: [RunStep]

  init() throws {
    scratch = try Scratch()
    original = scratch.path.appending("original")
    var truth: [Key: Content] = [:]
    var steps: [RunStep] = []
    let cache = try Cache(original)
    for round in 0..<3 {
      let run = try cache.begin()
      var previous: Digest?
      for number in 0..<12 {
        let made = try recipe("r\(round)", number, inputs: previous.map { [$0] } ?? [])
        let size = number == 5 ? 70_000 : 40 + 300 * number
        let content = Content.value((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number &+ round) })
        previous = try cache.publish(made, content, run: run).digest(port: "")
        truth[made.key] = content
        steps.append(RunStep(label: "s\(round)-\(number)", stage: trivial, key: made.key))
      }
      try cache.finish(run, steps, ran: 12)
    }
    try cache.index.closeCleanly()
    self.truth = truth
    self.steps = steps
  }

  /// Asks everything, and compares each answer with the truth.
  ///
  /// - Returns: whether every answer was given.
  private func interrogate(_ root: FilePath, isShortened: Bool = false, _ hint: Comment) -> Bool {
    var isWhole = true
    func ask(_ question: () throws -> Bool) -> Void {
      do {
        if try !question() { isWhole = false }
      } catch let error as RetortError {
        isWhole = false
        #expect(!error.message.isEmpty && error.blame != .input, hint)
      } catch {
        Issue.record("\(hint): \(error)")
      }
    }
    ask {
      let cache = try Cache(root)
      ask {
        let found = try cache.lookUp(Array(truth.keys))
        for (key, execution) in found {
          #expect(execution.key == key, hint)
          ask {
            let digest = try #require(execution.digest(port: ""))
            let content = try cache.content(of: digest)
            #expect(content == truth[key], hint)
            return true
          }
        }
        return found.count == truth.count
      }
      for key in truth.keys {
        ask {
          guard let recipe = try cache.recipe(of: key) else { return false }
          #expect(recipe.key == key, hint)
          return true
        }
      }
      // A journal that lost its tail takes the newest runs along; the rest of the answers stay right.
      if isShortened { return true }
      ask {
        let ids = try cache.runs().map(\.id.value)
        #expect(ids == [3, 2, 1], hint)
        return true
      }
      ask {
        let found = try cache.steps(of: RunID(3))
        #expect(found == steps, hint)
        return true
      }
      return true
    }
    return isWhole
  }

  private func copy(_ name: String) throws -> FilePath {
    let root = scratch.path.appending(name)
    try FileManager.default.copyItem(atPath: original.string, toPath: root.string)
    return root
  }

  private func flip(_ path: FilePath, bit: Int) throws {
    var bytes = try Files.read(path)
    bytes[bit / 8] ^= 1 << (bit % 8)
    try Files.replace(path, with: bytes, isDurable: false)
  }

  @Test func undamagedCacheAnswersEverything() throws {
    #expect(interrogate(try copy("calm"), "calm"))
    #expect(try Cache(original).verify().isSound)
  }

  @Test func flippedBitsOfTheIndex() throws {
    var random = SeededRandom(seed: 0x5EED)
    let size = try Files.existing(original.appending("index.sqlite")).bytes
    let rounds = ProcessInfo.processInfo.environment["RETORT_CHAOS"] == nil ? 200 : 1000
    for round in 0..<rounds {
      let root = try copy("index-\(round)")
      let bit = Int.random(in: 0..<size * 8, using: &random)
      try flip(root.appending("index.sqlite"), bit: bit)
      let hint: Comment = "bit \(bit)"
      let isWhole = interrogate(root, hint)
      if !isWhole, round % 10 == 0 {
        // What a repair makes is whole again.
        _ = try Cache.rebuildIndex(root)
        #expect(interrogate(root, hint), hint)
      }
      try Files.remove(root)
    }
  }

  /// A rebuild waits for who is about to go, and refuses where somebody stays.
  @Test func aRebuildWaitsAMoment() throws {
    let root = try copy("moment")
    let layout = CacheLayout(root: root)
    let holder = Holder(try ByteLock.attempt(.shared, of: layout.locks, at: LockByte.rebuild))
    #expect(throws: RetortError.self) { try Cache.rebuildIndex(root) }
    Thread.detachNewThread {
      usleep(100_000)
      holder.free()
    }
    #expect(try Cache.rebuildIndex(root).lostBytes == 0)
    try Files.remove(root)
  }

  private final class Holder: @unchecked Sendable {
    private var lock: ByteLock?
    init(_ lock: ByteLock?) { self.lock = lock }
    func free() { lock = nil }
  }

  @Test func flippedBitsOfTheJournal() throws {
    var random = SeededRandom(seed: 0xD15C)
    let size = try Files.existing(original.appending("journal")).bytes
    for round in 0..<60 {
      let root = try copy("journal-\(round)")
      let bit = Int.random(in: 0..<size * 8, using: &random)
      try flip(root.appending("journal"), bit: bit)
      let hint: Comment = "bit \(bit)"
      _ = interrogate(root, hint)
      if bit / 8 >= Journal.headSize {
        #expect(try !Cache(root).verify().isSound, hint)
        let report = try Cache.rebuildIndex(root)
        // One record is lost at the most: of a publication with its content, or of a run.
        #expect(report.executions >= truth.count - 1, hint)
        #expect(report.lostBytes > 0, hint)
        let cache = try Cache(root)
        #expect(try cache.verify().isSound, hint)
        for (key, execution) in try cache.lookUp(Array(truth.keys)) {
          #expect(try cache.content(of: try #require(execution.digest(port: ""))) == truth[key], hint)
        }
        #expect(try cache.runs().count == 3, hint)
        // It can be planned with and collected; what a run used is not known where its steps are lost, what it made is.
        for run in 1...3 { _ = try cache.steps(of: RunID(Int64(run))) }
        _ = try cache.previousSteps(of: "test", before: nil)
        let before = Set(try cache.lookUp(Array(truth.keys)).keys)
        _ = try cache.gc()
        #expect(try Set(cache.lookUp(Array(truth.keys)).keys) == before, hint)
      }
      try Files.remove(root)
    }
  }

  @Test func flippedBitOfAnObjectIsFoundAndComputedAnew() throws {
    for round in 0..<10 {
      let root = try copy("object-\(round)")
      let cache = try Cache(root)
      let large = try #require(
        truth.first { if case .value(let bytes) = $0.value { bytes.count == 70_000 } else { false } })
      let execution = try #require(try cache.lookUp([large.key])[large.key])
      let path = cache.layout.object(try #require(execution.digest(port: "")))
      try flip(path, bit: round * 50_001)
      // Reading notices; verifying sets it aside; then it is a miss, and can be published again.
      #expect(throws: RetortError.self) { try cache.content(of: try #require(execution.digest(port: ""))) }
      #expect(try cache.verify().damaged == [try #require(execution.digest(port: ""))])
      #expect(try cache.lookUp([large.key]).isEmpty)
      #expect(try cache.verify().isSound)
      let run = try cache.begin()
      try cache.publish(try #require(try cache.recipe(of: large.key)), large.value, run: run)
      #expect(try cache.lookUp([large.key]).count == 1)
      #expect(try cache.verify().isSound)
    }
  }

  @Test(arguments: ["index.sqlite", "journal"])
  func truncatedAndForeignFiles(name: String) throws {
    let size = try Files.existing(original.appending(name)).bytes
    for (number, length) in [0, 1, 31, 100, 4096, size / 2, size - 1].enumerated() {
      let root = try copy("cut-\(number)")
      try OpenFile(root.appending(name), .updating).truncate(to: length)
      _ = interrogate(root, isShortened: name == "journal", "\(name) cut to \(length)")
    }
    let root = try copy("foreign")
    try Files.replace(
      root.appending(name), with: Array("This is a letter to my aunt. ".utf8) + Array(repeating: 32, count: 9000))
    #expect { try Cache(root) } throws: { error in
      guard let error = error as? RetortError else { return false }
      return error.code.rawValue.hasPrefix("cache.") && !error.remedy.isEmpty
    }
  }

  @Test func newerVersionsAreLeftAlone() throws {
    let root = try copy("newer")
    do {
      let cache = try Cache(root)
      try cache.index.access { try $0.connection.execute("PRAGMA user_version = 99") }
    }
    #expect { try Cache(root) } throws: { ($0 as? RetortError)?.code == "cache.newer" }
  }

  @Test func lostIndexIsMadeAnew() throws {
    let root = try copy("lost")
    for suffix in ["", "-wal", "-shm"] { try Files.remove(FilePath(root.appending("index.sqlite").string + suffix)) }
    #expect(interrogate(root, "no index"))
  }

  /// A loss of power may take the journal's tail that the index's log still knows.
  @Test func indexFollowsAShortenedJournal() throws {
    let root = try copy("short")
    let last = try #require(steps.last?.key)
    let journal = root.appending("journal")
    let file = try OpenFile(journal, .updating)
    try file.truncate(to: try file.status().bytes - 2000)
    let cache = try Cache(root)
    #expect(try cache.lookUp([last]).isEmpty)
    #expect(try cache.verify().isSound)
    #expect(try cache.lookUp(Array(truth.keys)).count > truth.count / 2)
  }
}

/// SplitMix64: the same numbers everywhere.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
