import Foundation
import Testing

@Suite("plan says of real stages what the next run does", .serialized)
struct PlanPredictionTests {
  private struct Step: Decodable {
    var label: String
    var status: String
    var key: String?
  }

  /// What `plan --json` says of each stage.
  private func plan(_ quickstart: Quickstart, _ extra: [String]) throws -> [Step] {
    let result = try quickstart.program.run(["plan", "--size", "tiny", "--json"] + extra)
    #expect(result.status == 0, "\(result.errors)")
    return result.lines.compactMap { try? JSONDecoder().decode(Step.self, from: Data($0.utf8)) }
  }

  /// Those that it says to execute run, cached ones do not, and those that wait run too, but for the ones whose input turns
  /// out to be what it was.
  ///
  /// - Parameter isCutOff: whether all that wait are found cached; nil where it depends on the data which are.
  private func expectKept(_ quickstart: Quickstart, _ extra: [String], isCutOff: Bool? = false) throws {
    let steps = try plan(quickstart, extra)
    let executed = Set(try Digests(try quickstart.succeed(extra)).declaredExecuted)
    let certain = Set(steps.filter { $0.status == "execute" }.map(\.label))
    let waiting = Set(steps.filter { $0.status == "waiting" }.map(\.label))
    #expect(certain.isSubset(of: executed), "\(extra): \(certain.subtracting(executed)) should have run")
    let others = executed.subtracting(certain)
    switch isCutOff {
    case true?: #expect(others.isEmpty && !waiting.isEmpty, "\(extra): \(others) should have been cut off")
    case false?: #expect(others == waiting, "\(extra)")
    case nil: #expect(others.isSubset(of: waiting) && !others.isEmpty, "\(extra)")
    }
    guard !extra.contains("--force") else { return }
    #expect(try plan(quickstart, extra).allSatisfy { $0.status == "cached" }, "\(extra)")
  }

  @Test("Options, data, forcing and early cut-off, one after the other in one cache")
  func edits() throws {
    let folder = try TemporaryFolder("predict")
    let quickstart = Quickstart(in: folder.url)
    try expectKept(quickstart, [])
    try expectKept(quickstart, [])
    try expectKept(quickstart, ["--temperature", "2"])
    try expectKept(quickstart, ["--temperature", "4"])
    try expectKept(quickstart, ["--export", "elsewhere"])
    try expectKept(quickstart, ["--seed", "3"], isCutOff: nil)
    // What is computed again gives its old bytes.
    try expectKept(quickstart, ["--force", "teacher"], isCutOff: true)
    let data = folder.url.appending(path: "mine.tsv")
    try Data(DataOptionTests.good.utf8).write(to: data)
    try expectKept(quickstart, ["--data", "mine.tsv"], isCutOff: nil)
    try Data((DataOptionTests.good + "a fine scene\tgood\n").utf8).write(to: data)
    try expectKept(quickstart, ["--data", "mine.tsv"], isCutOff: nil)
    try Data((DataOptionTests.good + "a fine scene\tgood\n\n").utf8).write(to: data)
    try expectKept(quickstart, ["--data", "mine.tsv"], isCutOff: true)
  }
}
