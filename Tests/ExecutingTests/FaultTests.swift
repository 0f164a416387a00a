import Artifacts
import Foundation
import Histories
import Storing
import Testing

/// A whole run, with training, stages inside others, logs and a delivery, while each call to the operating system that
/// changes the disk fails in turn.
@Suite struct FaultTests {
  @Test(arguments: ["ENOSPC", "EIO", "EACCES", "torn-ENOSPC", "short"])
  func everyCallInTurn(effect: String) throws {
    let root = try temporaryFolder()
    defer { try? Files.remove(root) }
    let calm = try EngineProcess(root.appending("calm")).wait()
    let delivered = try Self.delivered(root.appending("calm"))
    let calls = try Self.calls(in: root)
    #expect(calls > 100)
    var failures = 0
    // CI takes about three of them, unlike ones for each effect.
    let stride = Chaos.isOn ? 1 : calls / 3
    for call in Swift.stride(from: 1 + effect.utf8.count * 3, through: calls, by: stride) {
      let folder = root.appending("c\(call)")
      let hint: Comment = "\(effect) at call \(call)"
      let struck = try EngineProcess(folder, ["RETORT_FAULT": "any:\(call):\(effect)"]).wait()
      #expect(!struck.wasKilled && (struck.status == 0 || struck.status == 1), "\(hint): \(struck.lines)")
      if struck.status == 0 {
        // No success is claimed that is none.
        #expect(struck.digests == calm.digests, hint)
        #expect(try Self.delivered(folder) == delivered, hint)
      } else {
        failures += 1
        let sentences = struck.labels("error:")
        #expect(!sentences.isEmpty && effect != "short", "\(hint): \(struck.lines)")
        #expect(
          !sentences.contains { $0.contains("the operation “") || $0.contains("damaged") }, "\(hint): \(sentences)")
        if effect.hasSuffix("ENOSPC") {
          #expect(sentences.contains { $0.contains("disk is full") }, "\(hint): \(sentences)")
        }
      }
      let again = try EngineProcess(folder).wait()
      #expect(again.status == 0, "\(hint): \(again.lines)")
      #expect(Set(again.digests).isSubset(of: calm.digests) && again.digests.count >= calm.digests.count - 2, hint)
      #expect(try Self.delivered(folder) == delivered, hint)
      #expect(Set(struck.labels("finished")).isDisjoint(with: again.labels("finished")), hint)
      #expect(try Cache(folder.appending("cache")).verify().isSound, hint)
      try Files.remove(folder)
    }
    if Chaos.isOn { print("\(effect): \(calls) calls, \(failures) runs failed") }
  }

  /// How many calls of a run change the disk, more or less: snapshots are taken when there is time.
  private static func calls(in root: FilePath) throws -> Int {
    var (low, high) = (1, 2_048)
    while high - low > 8 {
      let middle = (low + high) / 2
      let folder = root.appending("count")
      let isReached = try EngineProcess(folder, ["RETORT_FAULT": "any:\(middle):KILL"]).wait().wasKilled
      if isReached { low = middle } else { high = middle }
      try Files.remove(folder)
    }
    return low
  }

  private static func delivered(_ folder: FilePath) throws -> [String: [UInt8]] {
    let out = folder.appending("out")
    var files: [String: [UInt8]] = [:]
    for name in try Files.namesIfThere(in: out) where !name.hasPrefix(".") {
      files[name] = try Files.read(out.appending(name))
    }
    return files
  }
}
