import Foundation
import Testing

@Suite("A cache that is full, read-only or damaged", .serialized)
struct CacheConditionTests {
  /// The cache of a tiny quickstart that ran to its end.
  private func filled() throws -> (TemporaryFolder, Quickstart, URL) {
    let folder = try TemporaryFolder("condition")
    let quickstart = Quickstart(in: folder.url)
    _ = try quickstart.succeed()
    // A program that closes the index moves its log into the database: only then damage there is damage.
    #expect(try quickstart.verify().status == 0)
    return (folder, quickstart, folder.url.appending(path: "cache"))
  }

  // MARK: Real file systems

  @Test(
    "A full disk ends in a sentence; with more room the run goes on to the same bytes",
    .enabled(if: SmallDisk.isPossible, "only a user who may mount can have a disk this small"),
    arguments: ["100k", "256k", "700k"])
  func fullDisk(size: String) throws {
    let folder = try TemporaryFolder("full")
    let disk = try #require(try SmallDisk(size, "cache", in: folder))
    defer { withExtendedLifetime(disk) {} }
    let quickstart = Quickstart(in: folder.url)
    let result = try quickstart.run(["--checkpoint-every", "0.05"])
    #expect(!result.wasKilled && result.status == 1, "\(result.errors)")
    let all = (result.errors + result.output).lowercased()
    #expect(all.contains("no space") || all.contains("full"), "\(all)")
    disk.remount("size=200m")
    #expect(try quickstart.verify().status == 0)
    let second = try quickstart.succeed()
    #expect(try Digests(second).byLabel == Reference.tiny.get().digests.byLabel)
    #expect(try Summary(try quickstart.succeed()).stages.ran == 0)
  }

  @Test(
    "A read-only cache refuses runs and answers questions",
    .enabled(if: SmallDisk.isPossible, "only a user who may mount can have a disk that nobody can write"))
  func readOnly() throws {
    let folder = try TemporaryFolder("read-only")
    let disk = try #require(try SmallDisk("200m", "cache", in: folder))
    defer { withExtendedLifetime(disk) {} }
    let quickstart = Quickstart(in: folder.url)
    _ = try quickstart.succeed()
    disk.remount("ro")
    let refused = try quickstart.run()
    #expect(!refused.wasKilled && refused.status == 1)
    #expect((refused.errors + refused.output).contains("--cache"), "\(refused.errors)")
    for arguments in [["plan"], ["status"], ["why", "student"]] {
      let answer = try quickstart.program.run(arguments + ["--size", "tiny"])
      #expect(answer.status == 0, "\(arguments): \(answer.errors)")
    }
    for arguments in [["runs"], ["show", "student"], ["lineage", "int8"]] {
      let answer = try BuiltProgram("retort", in: folder.url).run(arguments)
      #expect(answer.status == 0 && !answer.output.isEmpty, "\(arguments): \(answer.errors)")
    }
    disk.remount("rw")
    #expect(try Summary(try quickstart.succeed()).stages.ran == 0)
  }

  @Test("The same by injected faults, for whoever may not mount", arguments: ["ENOSPC", "EROFS", "EIO", "EACCES"])
  func injected(error: String) throws {
    let folder = try TemporaryFolder("injected")
    var quickstart = Quickstart(in: folder.url)
    quickstart.program.environment["RETORT_FAULT"] = "write:12+:\(error)"
    let result = try quickstart.run()
    #expect(!result.wasKilled && result.status == 1)
    #expect(!(result.errors + result.output).isEmpty)
    quickstart.program.environment = [:]
    #expect(try quickstart.verify().status == 0)
    #expect(try Digests(try quickstart.succeed()).byLabel == Reference.tiny.get().digests.byLabel)
  }

  // MARK: Damage

  enum Damage: String, CaseIterable {
    case indexOfGarbage, indexEmpty, indexTruncated, indexBitsFlipped, indexMissing, indexIsAFolder
    case journalOfGarbage, journalEmpty, journalTornTail, journalBitsFlipped, journalMissing
    case objectTruncated, objectMissing, objectsMissing, checkpointOfGarbage, locksMissing

    func apply(to cache: URL) throws {
      let (index, journal) = (cache.appending(path: "index.sqlite"), cache.appending(path: "journal"))
      let files = FileManager.default
      switch self {
      case .indexOfGarbage: try Data(repeating: 0xA5, count: 5000).write(to: index)
      case .indexEmpty: try Data().write(to: index)
      case .indexTruncated: try Self.change(index) { $0.removeLast($0.count / 2) }
      case .indexBitsFlipped: try Self.change(index, flip)
      case .indexMissing:
        for suffix in ["", "-wal", "-shm"] { try? files.removeItem(atPath: index.path + suffix) }
      case .indexIsAFolder:
        try files.removeItem(at: index)
        try files.createDirectory(at: index, withIntermediateDirectories: true)
      case .journalOfGarbage: try Data(repeating: 0x5A, count: 5000).write(to: journal)
      case .journalEmpty: try Data().write(to: journal)
      case .journalTornTail: try Self.change(journal) { $0 += [0x52, 0x54, 0x4A, 0x31, 0xFF] }
      case .journalBitsFlipped: try Self.change(journal, flip)
      case .journalMissing: try files.removeItem(at: journal)
      case .objectTruncated:
        let file = try #require(try Self.largestObject(in: cache))
        try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        try Self.change(file) { $0.removeLast(1) }
      case .objectMissing: try files.removeItem(at: try #require(try Self.largestObject(in: cache)))
      case .objectsMissing: try files.removeItem(at: cache.appending(path: "objects"))
      case .checkpointOfGarbage:
        let folder = cache.appending(path: "checkpoints")
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(repeating: 1, count: 100).write(to: folder.appending(path: "00"))
      case .locksMissing: try files.removeItem(at: cache.appending(path: "locks"))
      }
    }

    private func flip(_ bytes: inout Data) {
      for place in stride(from: bytes.count / 3, to: bytes.count, by: 997) { bytes[place] ^= 0x10 }
    }

    private static func change(_ file: URL, _ edit: (inout Data) -> Void) throws {
      var bytes = try Data(contentsOf: file)
      edit(&bytes)
      try bytes.write(to: file)
    }

    private static func largestObject(in cache: URL) throws -> URL? {
      let objects = cache.appending(path: "objects")
      guard let all = FileManager.default.enumerator(at: objects, includingPropertiesForKeys: nil) else { return nil }
      return all.compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath }.max { left, right in
        (try? Data(contentsOf: left).count) ?? 0 < (try? Data(contentsOf: right).count) ?? 0
      }
    }
  }

  @Test("Damage: the next run is right or says what to do, and after a repair it is right", arguments: Damage.allCases)
  func damage(_ damage: Damage) throws {
    let reference = try Reference.tiny.get().digests.byLabel
    let (folder, quickstart, cache) = try filled()
    defer { withExtendedLifetime(folder) {} }
    try damage.apply(to: cache)
    let first = try quickstart.run()
    #expect(!first.wasKilled, "\(first.errors)")
    if first.status == 0 {
      #expect(try Digests(first).byLabel == reference)
    } else {
      #expect(first.status == 1)
      let all = first.errors + first.output
      #expect(all.contains("retort verify") || all.contains("--cache") || all.contains("estore"), "\(all)")
      let repair = try BuiltProgram("retort", in: quickstart.program.folder).run(["verify", "--repair"])
      #expect(!repair.wasKilled)
      // What cannot be repaired says so, and a new cache is always possible.
      if repair.status > 1 || (repair.output + repair.errors).isEmpty { Issue.record("\(repair.errors)") }
      var second = try quickstart.run()
      if second.status != 0 {
        #expect(!second.errors.isEmpty || !second.output.isEmpty)
        try FileManager.default.removeItem(at: cache)
        second = try quickstart.succeed()
      }
      #expect(try Digests(second).byLabel == reference)
    }
  }
}
