import Artifacts
import Foundation
import Testing

@testable import Storing

/// Caches that earlier versions wrote, as they are kept in `Tests/EarlierCaches`: each is read, verified, gone on with.
@Suite("Caches of earlier versions") struct EarlierCacheTests {
  struct Expected: Decodable {
    struct Work: Decodable {
      var number: Int
      var key: String
      var digest: String
    }
    var kept: [Work]
    var forgotten: [Work]
    /// The key of the snapshot.
    var snapshot: String
    /// Of the runs, the newest first.
    var outcomes: [RunOutcome]
  }

  static let folder = FilePath(#filePath).removingLastComponent().removingLastComponent().appending("EarlierCaches")
  static let names = ((try? Files.names(in: folder)) ?? []).filter { $0.hasSuffix(".tar.gz") }.map {
    String($0.dropLast(7))
  }

  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func unpack(_ name: String) throws -> (root: FilePath, expected: Expected) {
    let root = scratch.path.appending(name)
    try Files.makeFolder(root)
    let tar = Process()
    tar.executableURL = URL(filePath: "/usr/bin/env")
    tar.arguments = ["tar", "-xzf", Self.folder.appending(name + ".tar.gz").string, "-C", root.string]
    try tar.run()
    tar.waitUntilExit()
    try #require(tar.terminationStatus == 0)
    let text = Data(try Files.read(Self.folder.appending(name + ".json")))
    return (root, try JSONDecoder().decode(Expected.self, from: text))
  }

  /// Asks everything, and compares it with what is known of the cache.
  private func check(_ cache: Cache, _ expected: Expected) throws {
    let keys = try (expected.kept + expected.forgotten).map { Key(try #require(Digest(hex: $0.key))) }
    let found = try cache.executions(of: keys, preferring: .unknown, pinnedBy: nil)
    #expect(found.count == expected.kept.count)
    for work in expected.kept {
      let key = Key(try #require(Digest(hex: work.key)))
      // The recipe is that of today's code: the same stage has the same key for ever.
      #expect(try cache.recipe(of: key) == recipeOfProbe(work.number))
      let execution = try #require(found[key])
      #expect(execution.digest(port: "")?.hex == work.digest && execution.stage.id == "test.probe")
      #expect(execution.details.seconds == 0.25 * Double(work.number) && execution.details.threads == 2)
      #expect(execution.details.metrics == ["accuracy": 0.5, "loss": Double(work.number)])
      #expect(execution.details.codeFingerprint == "fingerprint \(work.number)")
      #expect(execution.details.profile.kernels == "avx512" && execution.run == RunID(1))
      #expect(execution.details.inputs.count == (work.number == 0 ? 0 : 1))
      switch try cache.content(of: try #require(execution.digest(port: ""))) {
      case .value(let bytes):
        #expect(bytes == (0..<bytes.count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ work.number) })
        #expect(bytes.count == (work.number % 3 == 0 ? 40 : 70_000))
      case .folder(let folder):
        #expect(work.number % 3 == 2)
        #expect(try Files.read(folder.appending("sub").appending("b.bin")).count == 10)
      }
    }
    #expect(try cache.runs().map(\.outcome) == expected.outcomes)
    #expect(try cache.steps(of: RunID(3)).map(\.label) == ["work-0", "work-1", "work-2", "work-3"])
    let failure = try #require(try cache.failures(of: RunID(2)).first)
    #expect(failure.label == "work-6" && failure.code == "test.failed" && failure.message == "It failed.")
  }

  @Test func thereAreSome() { #expect(!Self.names.isEmpty) }

  @Test(arguments: names) func isReadAndGoneOnWith(name: String) throws {
    let (root, expected) = try unpack(name)
    do {
      try check(Cache(root, access: .reading), expected)
      let cache = try Cache(root)
      try check(cache, expected)
      let report = try cache.verify()
      #expect(report.isSound && report.orphans == 0 && report.artifacts == expected.kept.count)
      // A snapshot is gone on with.
      let key = Key(try #require(Digest(hex: expected.snapshot)))
      let snapshot = try SnapshotCodec.decode(try Files.read(cache.snapshotFile(of: key)))
      #expect(snapshot.snapshot == Snapshot(["step": [1, 2, 3]]))
    }
    // A program of today goes on: what is there is a hit, the rest is computed, and what is not wanted any more goes.
    let again = try ProbeProcess.run(["write", root.string, "8"], in: scratch.path)
    #expect(again.status == 0 && again.numbers("cached") == expected.kept.map(\.number), "\(again.lines)")
    let digests = Dictionary(
      uniqueKeysWithValues: again.lines.filter { $0 != "finished" }.map { line in
        let parts = line.split(separator: " ")
        return (Int(parts[1]) ?? -1, String(parts[2]))
      })
    for work in expected.kept + expected.forgotten { #expect(digests[work.number] == work.digest) }
    let cache = try Cache(root)
    #expect(try cache.runs().count == expected.outcomes.count + 1 && cache.verify().isSound)
    _ = try cache.gc(keeping: .init(runs: 1))
    #expect(try cache.verify().isSound && cache.verify().artifacts == 8)
  }

  /// The journal alone says it all.
  @Test(arguments: names, [false, true]) func isRebuiltFromItsJournal(name: String, isOlder: Bool) throws {
    let (root, expected) = try unpack(name)
    if isOlder {
      try SQLiteConnection(root.appending("index.sqlite")).execute("DROP TABLE pin; PRAGMA user_version = 0")
    } else {
      try Files.remove(root.appending("index.sqlite"))
    }
    do {
      let cache = try Cache(root)
      try check(cache, expected)
      #expect(try cache.verify().isSound)
    }
    #expect(try Cache.rebuildIndex(root).lostBytes == 0)
    try check(Cache(root), expected)
  }
}
