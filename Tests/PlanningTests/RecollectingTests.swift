import Artifacts
import Foundation
import Planning
import RetortTesting
import Synchronization
import Testing

@Suite("The store is opened and read while the stages are encoded")
struct RecollectingTests {
  private struct Refused: Error {}

  private static func sample() -> Pipeline { pipeline { stage("a", Sample(text: "x")) } }

  private struct Sample: Stage {
    static let id = "test.sample"
    static let version = 1
    var text: String
    func run(_ context: StageContext) async throws -> Words { Words(text: text) }
  }

  private struct Words: ValueArtifact {
    static let kind = "test.words"
    var text: String
  }

  @Test func opensOnceOnAThreadOfItsOwn() throws {
    let threads = Mutex<[pthread_t]>([])
    let planner = Planner(options: PlanOptions()) {
      threads.withLock { $0.append(pthread_self()) }
      return MemoryStore()
    }
    #expect(try planner.plan(Self.sample()).steps.count == 1)
    let used = threads.withLock { $0 }
    #expect(used.count == 1 && used.allSatisfy { pthread_equal($0, pthread_self()) == 0 })
  }

  @Test func failsAsOpeningDoes() {
    let planner = Planner(options: PlanOptions()) { throw Refused() }
    #expect(throws: Refused.self) { try planner.plan(Self.sample()) }
  }

  /// A fault that strikes the n-th call to the system must find the calls in one order.
  @Test func aTaskWithFaultsStaysOnItsThread() throws {
    let isHere = Mutex(false)
    let here = pthread_self()
    let planner = Planner(options: PlanOptions()) {
      isHere.withLock { $0 = pthread_equal(pthread_self(), here) != 0 }
      return MemoryStore()
    }
    try InjectedFault.$current.withValue(InjectedFault(at: 0, .kill)) { _ = try planner.plan(Self.sample()) }
    #expect(isHere.withLock { $0 })
  }

  @Test func usesWhatHasBegun() async throws {
    let store = MemoryStore()
    let pipeline = Self.sample()
    _ = try await SerialRunner(store: store).run(pipeline)
    let opened = Atomic<Int>(0)
    let begun = Recollecting(of: "pipeline", preferring: { .unknown }) {
      opened.wrappingAdd(1, ordering: .relaxed)
      return store
    }
    let planner = Planner(options: PlanOptions()) { throw Refused() }
    let plan = try planner.plan(pipeline, with: begun)
    #expect(plan.steps.allSatisfy { $0.cached != nil })
    #expect(begun.isOver)
    #expect(opened.load(ordering: .relaxed) == 1)
  }

  @Test func mayBeLeftAlone() {
    for _ in 0..<200 { _ = Recollecting(of: "pipeline", preferring: { .unknown }) { MemoryStore() } }
  }

  #if os(Linux)
    /// It begins on another processor, and is then as free as any thread of the program.
    @Test func mayRunAnywhere() throws {
      @Sendable func allowed(_ path: String) throws -> String {
        let text = String(decoding: try Files.read(FilePath(path)), as: UTF8.self)
        return try #require(text.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }.map(String.init))
      }
      let there = Mutex("")
      let planner = Planner(options: PlanOptions()) {
        let mask = try allowed("/proc/thread-self/status")
        there.withLock { $0 = mask }
        return MemoryStore()
      }
      _ = try planner.plan(Self.sample())
      #expect(try there.withLock { $0 } == allowed("/proc/self/status"))
    }
  #endif
}
