import Artifacts
import Declaring
import Executing
import RetortTesting
import Testing

@Suite struct DeliveryTests {
  private func pipeline(_ files: [String: String], to destination: FilePath) -> Pipeline {
    .declared {
      PipelineBuilder.buildFinalResult([
        stage("export", Deliver(files: files, destination: Destination(destination.string))).edge
      ])
    }
  }

  private func text(_ path: FilePath) throws -> String { String(decoding: try Files.read(path), as: UTF8.self) }

  @Test func restoresWhatDiffersAndNothingElse() async throws {
    let root = try temporaryFolder()
    defer { try? Files.remove(root) }
    let out = root.appending("out").appending("deep")
    let store = MemoryStore()
    let files = ["a.txt": "one", "sub/b.txt": "two"]
    let recorder = Recorder()
    let first = try await run(pipeline(files, to: out), in: store, sink: recorder)
    #expect(first.outcome == .succeeded)
    #expect(try text(out.appending("a.txt")) == "one")
    #expect(try text(out.appending("sub").appending("b.txt")) == "two")
    #expect(recorder.names(of: "export") == ["started", "finished", "delivered"])
    let manifest = out.appending(".retort-manifest.json")
    #expect(try text(manifest).contains(Digest(of: Array("one".utf8)).hex))

    // Nothing changed: nothing is written, not even the manifest.
    let before = try Files.existing(manifest)
    let quiet = Recorder()
    _ = try await run(pipeline(files, to: out), in: store, sink: quiet)
    #expect(try Files.existing(manifest) == before)
    #expect(quiet.names(of: "export") == ["cached"])

    // A file that was changed or lost comes back; one that is not Retort's stays.
    try Files.replace(out.appending("a.txt"), with: Array("spoilt".utf8))
    try Files.remove(out.appending("sub"))
    try Files.replace(out.appending("mine.txt"), with: Array("mine".utf8))
    let again = try await run(pipeline(files, to: out), in: store)
    #expect(again.counts == RunCounts(cached: 1))
    #expect(try text(out.appending("a.txt")) == "one")
    #expect(try text(out.appending("sub").appending("b.txt")) == "two")
    #expect(try text(out.appending("mine.txt")) == "mine")

    // Another result, also from another cache, replaces what the manifest lists and drops what is no part of it.
    let third = try await run(pipeline(["a.txt": "three", "c.txt": "four"], to: out), in: MemoryStore())
    #expect(third.outcome == .succeeded)
    #expect(try text(out.appending("a.txt")) == "three")
    #expect(try text(out.appending("c.txt")) == "four")
    #expect(try Files.status(of: out.appending("sub").appending("b.txt")) == nil)
    #expect(try text(out.appending("mine.txt")) == "mine")
  }

  @Test func somebodyElsesFileIsInTheWay() async throws {
    let root = try temporaryFolder()
    defer { try? Files.remove(root) }
    try Files.replace(root.appending("b.txt"), with: Array("mine".utf8))
    let store = MemoryStore()
    let summary = try await run(pipeline(["a.txt": "one", "b.txt": "two"], to: root), in: store)
    #expect(summary.outcome == .failed)
    #expect(summary.counts == RunCounts(ran: 1))
    #expect(summary.faults.map(\.code) == ["deliver.foreign-file"])
    #expect(summary.faults.first?.place.file == root.appending("b.txt").string)
    #expect(summary.faults.first?.place.stage == "export")
    #expect(try Files.names(in: root) == ["b.txt"])
    // The same content is no obstacle.
    try Files.replace(root.appending("b.txt"), with: Array("two".utf8))
    #expect(try await run(pipeline(["a.txt": "one", "b.txt": "two"], to: root), in: store).outcome == .succeeded)
  }

  @Test func faultsAtAnyWriteLeaveWhatTheNextRunMends() async throws {
    let store = MemoryStore()
    let files = ["a.txt": "one", "b.txt": "two", "c/d.txt": "three"]
    let old = ["a.txt": "old", "z.txt": "gone"]
    let before = try await executed(old, in: store)
    let delivery = try await executed(files, in: store)
    for call in 1...40 {
      let root = try temporaryFolder()
      defer { try? Files.remove(root) }
      #expect(deliver(before, to: root, from: store) == nil)
      let fault = InjectedFault(nil, at: call, .error(.noSpace))
      let failed = InjectedFault.$current.withValue(fault) { deliver(delivery, to: root, from: store) }
      for name in try Files.names(in: root) where name.hasSuffix(".txt") {
        #expect(["one", "two", "old", "gone"].contains(try text(root.appending(name))))
      }
      #expect(deliver(delivery, to: root, from: store) == nil)
      #expect(try Files.names(in: root).filter { !$0.hasPrefix(".") } == ["a.txt", "b.txt", "c"])
      #expect(try text(root.appending("c").appending("d.txt")) == "three")
      if failed == nil {
        #expect(call > 8)
        return
      }
    }
    Issue.record("Every delivery failed.")
  }

  private func executed(_ files: [String: String], in store: MemoryStore) async throws -> Execution {
    let root = try temporaryFolder()
    defer { try? Files.remove(root) }
    return try #require(try await run(pipeline(files, to: root), in: store)["export"]?.execution)
  }
}

/// Writes files, and delivers them.
struct Deliver: Delivering {
  static let id = "test.deliver"
  static let version = 1
  var files: [String: String]
  var destination: Destination

  func run(_ context: StageContext) async throws -> Corpus {
    let folder = try context.folder()
    for (name, content) in files {
      let path = folder.appending(FilePath(name).components)
      try Files.makeFolder(path.removingLastComponent())
      try Files.replace(path, with: Array(content.utf8))
    }
    return Corpus(folder: folder)
  }
}
