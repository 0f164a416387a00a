import Artifacts
import Foundation
import Testing

@testable import Storing

/// Any bit of any object's file: found when the object is read or by a verification, and then computed anew.
@Suite struct ObjectDamageTests {
  let scratch: Scratch
  let original: FilePath
  let truth: [Key: [String: [UInt8]]]

  init() throws {
    scratch = try Scratch()
    original = scratch.path.appending("original")
    var truth: [Key: [String: [UInt8]]] = [:]
    let cache = try Cache(original)
    let run = try cache.begin()
    for number in 0..<4 {
      let made = try recipe("object", number)
      truth[made.key] = Self.files(number)
      try Self.publish(made, Self.files(number), in: cache, run)
    }
    try cache.finish(run, truth.keys.map { RunStep(label: $0.digest.short, stage: trivial, key: $0) }, ran: 4)
    try cache.index.closeCleanly()
    self.truth = truth
  }

  /// A large value under no name, or the files of a folder.
  private static func files(_ number: Int) -> [String: [UInt8]] {
    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) } }
    return number < 2 ? ["": bytes(66_000 + number)] : ["a": bytes(20_000), "b/c": bytes(300 + number), "d": bytes(1)]
  }

  private static func publish(_ made: Recipe, _ files: [String: [UInt8]], in cache: Cache, _ run: RunID) throws {
    let attempt = try cache.beginAttempt(of: made.key, recipe: made, stage: trivial, label: "object", run: run)
    var content = Content.value(files[""] ?? [])
    if files[""] == nil {
      let folder = try attempt.folder.appending("out")
      for (name, bytes) in files {
        let path = folder.appending(FilePath(name).components)
        try Files.makeFolder(path.removingLastComponent())
        try Files.replace(path, with: bytes, isDurable: false)
      }
      content = .folder(folder)
    }
    _ = try attempt.publish(
      [OutputPart(port: "", kind: "k", content: content, facts: .unknown)],
      details: ExecutionDetails(startedAt: 0, seconds: 0, profile: profile))
  }

  /// All files of objects, as paths below the cache.
  private func objects() throws -> [(path: String, bytes: Int)] {
    try FolderManifest(of: original.appending("objects")).entries.compactMap { entry in
      entry.file.map { (entry.path, $0.bytes) }
    }
  }

  /// 40 bits in CI, 1,000 under `RETORT_CHAOS`; each file has its share, however small it is.
  @Test func anyBit() throws {
    let files = try objects()
    #expect(files.count == 8)
    var random = SeededRandom(seed: 0xB17)
    var foundByReading = 0
    let rounds = ProcessInfo.processInfo.environment["RETORT_CHAOS"] == nil ? 40 : 1_000
    for round in 0..<rounds {
      let root = scratch.path.appending("flipped-\(round)")
      try FileManager.default.copyItem(atPath: original.string, toPath: root.string)
      defer { try? Files.remove(root) }
      let (name, size) = files[round % files.count]
      let bit = Int.random(in: 0..<size * 8, using: &random)
      let path = root.appending("objects").appending(FilePath(name).components)
      var bytes = try Files.read(path)
      bytes[bit / 8] ^= 1 << (bit % 8)
      try Files.replace(path, with: bytes, isDurable: false)
      let hint: Comment = "bit \(bit) of \(name)"

      let cache = try Cache(root)
      for (key, wanted) in truth where wanted[""] != nil {
        let digest = try #require(try cache.lookUp([key])[key]?.digest(port: ""), hint)
        do {
          let content = try cache.content(of: digest)
          #expect(content == .value(wanted[""] ?? []), hint)
        } catch let error as RetortError {
          #expect(error.code == "artifact.damaged", hint)
          foundByReading += 1
        }
      }
      let report = try cache.verify()
      #expect(report.damaged.count == 1, hint)
      let lost = try truth.keys.filter { try cache.lookUp([$0])[$0] == nil }
      #expect(lost.count == 1, hint)
      let run = try cache.begin()
      for key in lost {
        let made = try #require(try cache.recipe(of: key), hint)
        try Self.publish(made, try #require(truth[key], hint), in: cache, run)
      }
      #expect(try cache.lookUp(Array(truth.keys)).count == truth.count, hint)
      #expect(try cache.verify().isSound, hint)
    }
    #expect(foundByReading == (0..<rounds).count { files[$0 % files.count].bytes > 60_000 })
  }
}
