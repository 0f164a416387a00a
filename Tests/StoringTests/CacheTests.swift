import Artifacts
import Foundation
import Synchronization
import Testing

@testable import Storing

@Suite struct CacheTests {
  let scratch: Scratch
  var root: FilePath { scratch.path.appending("cache") }

  init() throws { scratch = try Scratch() }

  @Test func smallValueIsFoundAfterPublicationAndAfterReopening() throws {
    let cache = try Cache(root)
    let run = try cache.begin()
    let made = try recipe("a")
    #expect(try cache.lookUp([made.key]).isEmpty)
    let execution = try cache.publish(made, .value([1, 2, 3]), run: run)
    // SHA-256 of 01 02 03, from coreutils.
    #expect(
      execution.outputs[""]?.digest.hex == "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81")
    for open in [cache, try Cache(root)] {
      #expect(try open.lookUp([made.key]) == [made.key: execution])
      #expect(try open.content(of: #require(execution.digest(port: ""))) == .value([1, 2, 3]))
      #expect(try open.recipe(of: made.key) == made)
    }
  }

  /// Between counting the runs and reading them another process may begin one.
  @Test func runsThatBeganSinceTheyWereCountedAreNoDamage() throws {
    let cache = try Cache(root)
    for _ in 0..<3 { try cache.finish(try cache.begin()) }
    let known = try cache.index.access { try $0.runs(count: 2).map(\.id) }
    #expect(known == [2, 1])
    #expect(throws: RetortError.self) { try cache.index.access { try $0.runs(count: 4) } }
  }

  /// Stages whose folders are equal, such as evaluations of models that answer alike, end at the same moment.
  @Test func equalFoldersFromManyAtOnceAreOneObject() throws {
    let cache = try Cache(root)
    let run = try cache.begin()
    for round in 0..<10 {
      let digests = Mutex<[Digest?]>([])
      DispatchQueue.concurrentPerform(iterations: 8) { number in
        do {
          let made = try recipe("folder-\(round)-\(number)")
          let attempt = try cache.beginAttempt(of: made.key, recipe: made, stage: trivial, label: "f", run: run)
          let output = try attempt.folder.appending("output")
          try Files.makeFolder(output)
          try Files.replace(output.appending("figures"), with: Array("round \(round)".utf8), isDurable: false)
          let execution = try attempt.publish(
            [OutputPart(port: "", kind: "folder", content: .folder(output), facts: .unknown)],
            details: ExecutionDetails(startedAt: 2, seconds: 0, profile: profile))
          digests.withLock { $0.append(execution.digest(port: "")) }
        } catch { Issue.record(error) }
      }
      let found = digests.withLock { $0 }
      #expect(found.count == 8 && Set(found).count == 1)
    }
  }

  @Test func folderIsMovedReadOnlyAndRemembersItsFiles() throws {
    let cache = try Cache(root)
    let run = try cache.begin()
    let made = try recipe("folder")
    let attempt = try cache.beginAttempt(of: made.key, recipe: made, stage: trivial, label: "f", run: run)
    let output = try attempt.folder.appending("output")
    try Files.makeFolder(output.appending("empty"))
    try Files.replace(output.appending("model.bin"), with: Array(repeating: 7, count: 100_000))
    let execution = try attempt.publish(
      [OutputPart(port: "", kind: "folder", content: .folder(output), facts: .unknown)],
      details: ExecutionDetails(startedAt: 2, seconds: 1, profile: profile))
    let digest = try #require(execution.digest(port: ""))
    guard case .folder(let path) = try cache.content(of: digest) else {
      Issue.record("a folder was stored")
      return
    }
    #expect(try Files.read(path.appending("model.bin")).count == 100_000)
    #expect(try Files.names(in: path) == ["empty", "model.bin"])
    #expect(try FolderManifest(of: path).digest == digest)
    #expect(
      try FileManager.default.attributesOfItem(atPath: path.appending("model.bin").string)[.posixPermissions]
        as? Int == 0o444)
    // The attempt's own folder is gone; a file of another size is a miss.
    #expect(try Files.names(in: cache.layout.staging(of: run)).isEmpty)
    try Files.replace(path.appending("model.bin"), with: [1])
    #expect(try cache.lookUp([made.key]).isEmpty)
    #expect(throws: RetortError.self) { try cache.content(of: digest) }
    // Computed anew, it replaces the damaged one.
    let again = try cache.beginAttempt(of: made.key, recipe: made, stage: trivial, label: "f", run: run)
    let second = try again.folder.appending("x")
    try Files.makeFolder(second.appending("empty"))
    try Files.replace(second.appending("model.bin"), with: Array(repeating: 7, count: 100_000))
    _ = try again.publish(
      [OutputPart(port: "", kind: "folder", content: .folder(second), facts: .unknown)],
      details: ExecutionDetails(startedAt: 2, seconds: 1, profile: profile))
    #expect(try cache.lookUp([made.key]).count == 1)
  }

  @Test func runsKeepTheirStepsAndShareEqualOnes() throws {
    let cache = try Cache(root)
    let steps = try (0..<5).map { RunStep(label: "s\($0)", stage: trivial, key: try recipe("s", $0).key) }
    for _ in 0..<3 {
      let run = try cache.begin(steps)
      try cache.finish(run, steps)
    }
    #expect(try cache.previousSteps(of: "test", before: nil) == steps)
    #expect(try cache.previousSteps(of: "other", before: nil).isEmpty)
    #expect(try cache.previousSteps(of: "test", before: RunID(1)).isEmpty)
    let count = try cache.index.access { session in
      let row = try session.statement("SELECT count(*) FROM steps")
      _ = try row.step()
      defer { row.reset() }
      return row.integer(0)
    }
    #expect(count == 1)
  }

  @Test func ownProfileComesFirstThenTheOldest() throws {
    let cache = try Cache(root)
    let run = try cache.begin()
    let made = try recipe("p")
    let other = NumericsProfile(kernels: "neon", blas: "x", build: "release")
    var ids: [Int64] = []
    for (number, profile) in [other, profile, profile, other].enumerated() {
      let attempt = try cache.beginAttempt(of: made.key, recipe: made, stage: trivial, label: "p", run: run)
      let part = OutputPart(port: "", kind: "value", content: .value([UInt8(number)]), facts: .unknown)
      ids.append(
        try attempt.publish([part], details: ExecutionDetails(startedAt: 0, seconds: 0, profile: profile)).id)
    }
    for round in 0..<2 {
      #expect(try cache.lookUp([made.key])[made.key]?.id == ids[2], "round \(round)")
      let third = NumericsProfile(kernels: "z", blas: "z", build: "z")
      #expect(try cache.executions(of: [made.key], preferring: third, pinnedBy: nil)[made.key]?.id == ids[0])
      try cache.flush()
    }
  }
}
