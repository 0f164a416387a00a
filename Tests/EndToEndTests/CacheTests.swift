import Foundation
import Testing

@Suite("What reruns, and what does not", .serialized)
struct CacheTests {
  @Test("A second run executes nothing and says so in one line of JSON")
  func secondRun() throws {
    let folder = try TemporaryFolder("noop")
    let quickstart = Quickstart(in: folder.url)
    let result = try quickstart.succeed()
    let first = try Summary(result)
    let declared = try Digests(result).declaredExecuted.count
    #expect(first.stages.ran >= declared && declared > 0)
    #expect(first.stages.cached == 0)
    let second = try Summary(try quickstart.succeed())
    #expect(second.stages == Summary.Stages(ran: 0, cached: declared, failed: 0))
    #expect(second.models.map(\.digest) == first.models.map(\.digest))
    #expect(second.models.count >= 3)
    for model in second.models {
      #expect(model.parameters > 0)
      #expect(model.bytes > 0)
      #expect(model.sentencesPerSecond > 0)
    }
  }

  @Test("A changed option of the distillation reruns it and what depends on its bytes; why names it")
  func changedOption() throws {
    let folder = try TemporaryFolder("option")
    let quickstart = Quickstart(in: folder.url)
    _ = try quickstart.succeed()
    let changed = try Digests(try quickstart.succeed(["--temperature", "2"]))
    #expect(changed.executed.contains("student"))
    for label in ["reviews", "text", "vocabulary", "language", "teacher", "general", "augmented"] {
      #expect(!changed.executed.contains(label))
    }
    let why = try quickstart.program.run(["why", "student", "--size", "tiny", "--temperature", "3"])
    #expect(why.status == 0)
    #expect(why.output.contains("temperature"))
    #expect(why.output.contains("2") && why.output.contains("3"))
  }

  @Test("Threads, folders and touched objects change no digest and rerun nothing")
  func threadsAndFolders() throws {
    let reference = try Reference.tiny.get()
    for threads in 1...3 {
      let folder = try TemporaryFolder("threads-\(threads)")
      let quickstart = Quickstart(in: folder.url)
      let digests = try Digests(try quickstart.succeed(["--threads", "\(threads)"]))
      #expect(digests.byLabel == reference.digests.byLabel)
      let again = try Summary(try quickstart.succeed(["--threads", "\(threads % 3 + 1)", "--jobs", "2"]))
      #expect(again.stages.ran == 0)
    }
  }

  @Test("A cache that moved to another folder is as good")
  func movedCache() throws {
    let folder = try TemporaryFolder("move")
    let other = try TemporaryFolder("moved")
    let quickstart = Quickstart(in: folder.url)
    _ = try quickstart.succeed()
    try FileManager.default.moveItem(
      at: folder.url.appending(path: "cache"), to: other.url.appending(path: "cache"))
    let moved = try Summary(try Quickstart(in: other.url).succeed())
    #expect(moved.stages.ran == 0)
  }

  @Test("Eight processes on one cache compute each key once")
  func singleFlight() async throws {
    let folder = try TemporaryFolder("together")
    let cache = folder.url.appending(path: "cache").path
    let results = try await withThrowingTaskGroup(of: Digests.self) { group in
      for number in 0..<8 {
        let home = folder.url.appending(path: "run-\(number)")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        group.addTask { try Digests(try Quickstart(in: home).succeed(["--cache", cache, "--threads", "1"])) }
      }
      return try await group.reduce(into: [Digests]()) { $0.append($1) }
    }
    var computed: [String: Int] = [:]
    for label in results.flatMap(\.executed) { computed[label, default: 0] += 1 }
    #expect(computed.values.allSatisfy { $0 == 1 }, "\(computed.filter { $0.value > 1 })")
    for result in results { #expect(result.byLabel == results[0].byLabel) }
  }
}
