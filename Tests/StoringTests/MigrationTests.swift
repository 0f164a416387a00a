import Artifacts
import Foundation
import Testing

@testable import Storing

/// An index of another version: an older one is made anew from the journal, a newer one is left alone.
@Suite("Indexes of other versions", .serialized) struct MigrationTests {
  let scratch: Scratch
  var root: FilePath { scratch.path.appending("cache") }
  static let count = 9

  /// A cache as `StoreProbe` writes it.
  init() throws {
    scratch = try Scratch()
    let outcome = try ProbeProcess.run(["write", root.string, "\(Self.count)"], in: scratch.path)
    #expect(outcome.status == 0)
  }

  /// Gives the index the look of another version.
  private func rewrite(version: Int, _ statements: String...) throws {
    let connection = try SQLiteConnection(root.appending("index.sqlite"))
    for statement in statements { try connection.execute(statement) }
    try connection.execute("PRAGMA user_version = \(version)")
    try connection.emptyLog()
  }

  private func makeOlder() throws {
    try rewrite(
      version: 0, "DROP TABLE failure", "ALTER TABLE content RENAME COLUMN form TO shape", "DELETE FROM product")
  }

  private func fingerprints() throws -> [String: UInt64] { try Cache(root).index.access { try $0.fingerprints() } }

  /// Everything that was published is a hit with its content, and the whole is sound.
  private func check(_ hint: Comment = "") throws {
    let cache = try Cache(root)
    let keys = try (0..<Self.count).map { try recipeOfProbe($0).key }
    let found = try cache.executions(of: keys, preferring: .unknown, pinnedBy: nil)
    #expect(Set(found.keys) == Set(keys), hint)
    for execution in found.values {
      #expect(try cache.producers(of: try #require(execution.digest(port: ""))).contains(execution), hint)
      _ = try cache.content(of: try #require(execution.digest(port: "")))
    }
    let report = try cache.verify()
    #expect(report.isSound && report.orphans == 0, hint)
    _ = try cache.gc()
    #expect(try cache.verify().isSound, hint)
    for suffix in ["", "-wal", "-shm"] {
      #expect(try Files.status(of: root.appending("index.sqlite.new" + suffix)) == nil, hint)
    }
  }

  @Test func anOlderOneIsMadeAnew() throws {
    let before = try fingerprints()
    try makeOlder()
    #expect(try fingerprints() == before)
    try check()
  }

  @Test func questionsMakeItAnewToo() throws {
    try makeOlder()
    #expect(try Cache(root, access: .reading).runs().count == 1)
    #expect(!Schema.isOlder(root.appending("index.sqlite")))
    try check()
  }

  @Test(arguments: ["index.commit:1", "index.committed:1", "index.rebuilt:1", "index.removed:1", "index.replaced:1"])
  func killedInTheMiddle(point: String) throws {
    try makeOlder()
    let killed = try ProbeProcess.run(
      ["write", root.string, "\(Self.count)"], environment: ["RETORT_KILL_AT": point], in: scratch.path)
    #expect(killed.wasKilled)
    try check("\(point)")
  }

  /// Of several that come at once one does it, and nobody sees anything of it.
  @Test func manyAtOnce() throws {
    try makeOlder()
    let racers = try (0..<6).map { _ in try ProbeProcess(["race", root.string, "20"], in: scratch.path) }
    let outcomes = try racers.map { try $0.wait() }
    #expect(outcomes.allSatisfy { $0.status == 0 && $0.lines.last == "finished" }, "\(outcomes.map(\.lines.last))")
    #expect(outcomes.flatMap { $0.numbers("computed") }.sorted() == Array(Self.count..<20))
    try check()
  }

  /// A program of an older version at work keeps its index: others wait a moment, and then say why they cannot.
  @Test func whoUsesItKeepsIt() throws {
    try makeOlder()
    let layout = CacheLayout(root: root)
    do {
      let older = try #require(try ByteLock.attempt(.shared, of: layout.locks, at: LockByte.rebuild))
      defer { withExtendedLifetime(older) {} }
      let error = #expect(throws: RetortError.self) { try Cache(root) }
      #expect(
        error?.code == "cache.in-use" && error?.isTransient == true && error?.message.contains("older Retort") == true)
      #expect(Schema.isOlder(layout.index))
      // A question is answered from the journal.
      #expect(try Cache(root, access: .reading).runs().count == 1)
      #expect(Schema.isOlder(layout.index))
    }
    try check()
  }

  // MARK: Newer

  /// The bytes of everything in the cache but the file whose bytes are locked.
  private func image() throws -> [String: Digest] {
    let files = FileManager.default
    let names = try #require(files.enumerator(atPath: root.string)).compactMap { $0 as? String }
    return try Dictionary(
      uniqueKeysWithValues: names.filter { try Files.status(of: root.appending($0))?.kind == .file }.map {
        ($0, try Files.digest(of: root.appending($0)).digest)
      })
  }

  private func expectNewer(_ parts: String...) throws {
    let before = try image()
    for access in [Cache.Access.writing, .reading] {
      let error = #expect(throws: RetortError.self) { try Cache(root, access: access) }
      #expect(
        error?.code == "cache.newer" && error?.remedy.contains("Nothing was changed") == true,
        "\(String(describing: error))")
      for part in parts { #expect(error?.message.contains(part) == true, "\(String(describing: error))") }
    }
    #expect(try image() == before)
  }

  @Test func aNewerIndexIsNotTouched() throws {
    try rewrite(version: 7, "CREATE TABLE later (id INTEGER PRIMARY KEY)")
    try expectNewer("version 7", "knows \(Schema.version)")
  }

  @Test func aNewerJournalIsNotTouched() throws {
    let file = try OpenFile(root.appending("journal"), .updating)
    try file.write([2], at: 16)
    try expectNewer("version 2", "knows 1")
    // No repair takes it for damage.
    let error = #expect(throws: RetortError.self) { try Cache.rebuildIndex(root) }
    #expect(error?.code == "cache.newer")
    try file.write([0], at: 16)
    #expect(#expect(throws: RetortError.self) { try Cache(root) }?.code == "cache.journal")
    try file.write([1], at: 16)
    try check()
  }

  /// A kind of record that this program does not know: nothing behind it is read either, and the index stays as it was.
  @Test func aNewerRecordIsNotPassedOver() throws {
    let path = root.appending("journal")
    let size = try Files.existing(path).bytes
    let journal = try #require(try Journal(path, makes: false))
    let end = try journal.read(from: journal.start) { _, _, _ in }.end
    var frame: [UInt8] = []
    _ = Frame.write([200, 1, 2, 3], after: end.check, to: &frame)
    let file = try OpenFile(path, .updating)
    try file.write(frame, at: size)
    let before = try Files.read(root.appending("index.sqlite"))
    let error = #expect(throws: RetortError.self) { try Cache(root) }
    #expect(error?.code == "cache.newer" && error?.remedy.contains("newer program") == true)
    #expect(throws: RetortError.self) { try Cache.rebuildIndex(root) }
    #expect(try Files.read(root.appending("index.sqlite")) == before)
    try file.truncate(to: size)
    try check()
  }
}
