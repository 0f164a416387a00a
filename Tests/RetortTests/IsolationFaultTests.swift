import Foundation
import Testing

/// Runs with workers, while a call to the operating system fails in the run's process and in each worker's.
@Suite("Faults of the disk beside workers", .serialized)
final class IsolationFaultTests {
  let probe: Probe

  init() throws { probe = try Probe() }
  deinit { probe.remove() }

  private func digests(_ ending: Probe.Ending) throws -> [String: String] {
    var found: [String: String] = [:]
    for line in ending.lines where line.contains("\"digests\"") {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
      if let label = object["label"] as? String { found[label] = "\(object["digests"] ?? "")" }
    }
    return found
  }

  @Test(arguments: ["ENOSPC", "EIO", "EACCES", "torn-ENOSPC", "short"])
  func everyCallInTurn(effect: String) throws {
    let isChaos = ProcessInfo.processInfo.environment["RETORT_CHAOS"] != nil
    let arguments = ["--json", "--isolate", "--progress", "none", "--seconds", "0.03", "--checkpoint-every", "0"]
    let calm = try digests(probe.start("ProgramProbe", arguments + ["--cache", "calm"]).finish())
    #expect(calm.count == 4)
    var call = 1
    while call <= 60 {
      let place = ["--cache", "\(effect)-\(call)"]
      let struck = try probe.start(
        "ProgramProbe", arguments + place, environment: ["RETORT_FAULT": "any:\(call):\(effect)"]
      ).finish()
      let hint: Comment = "\(effect) at call \(call)"
      #expect(struck.status == 0 || struck.status == 1, "\(hint): \(struck.errors)")
      if struck.status == 0 {
        #expect(try digests(struck) == calm, hint)
      } else {
        #expect(effect != "short" && !(struck.errors + struck.output).isEmpty, hint)
        if effect.hasSuffix("ENOSPC") {
          #expect((struck.errors + struck.output).contains("disk is full"), "\(hint): \(struck.errors)")
        }
      }
      let again = try probe.start("ProgramProbe", arguments + place).finish()
      #expect(again.status == 0, "\(hint): \(again.errors)")
      #expect(try digests(again) == calm, hint)
      call += isChaos ? 1 : 29
    }
  }
}
