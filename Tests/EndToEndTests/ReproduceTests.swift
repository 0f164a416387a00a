import Foundation
import Testing

@Suite("Trained models travel in bundles and are computed again", .serialized)
struct ReproduceTests {
  private func object(_ result: BuiltProgram.Result) throws -> [String: Any] {
    #expect(result.status == 0, "\(result.errors)\n\(result.output.suffix(2000))")
    let line = try #require(result.lines.last)
    return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @Test("A model that came in a bundle is computed again without its pipeline, with equal digests")
  func reproduceFromABundle() throws {
    let folder = try TemporaryFolder("reproduce")
    _ = try Quickstart(in: folder.url).succeed()
    let retort = BuiltProgram("retort", in: folder.url)
    let written = try object(
      retort.run(["export", "int8", "--as", "bundle", "--output", "int8.retort", "--json"]))
    #expect(try #require(written["results"] as? Int) > 5)
    let other = try TemporaryFolder("elsewhere")
    let bundle = folder.url.appending(path: "int8.retort").path
    let elsewhere = BuiltProgram("retort", in: other.url)
    let imported = try object(elsewhere.run(["import", bundle, "--json"]))
    #expect(imported["new"] as? Int == written["results"] as? Int)
    #expect(imported["digest"] as? String == written["digest"] as? String)
    let result = try object(elsewhere.run(["reproduce", "int8", "--from-sources", "--json"]))
    #expect(result["outcome"] as? String == "equal")
    let before = try #require(result["before"] as? [[String: Any]])
    #expect(before.count == (imported["new"] as? Int).map { $0 - 1 })
    #expect(before.allSatisfy { $0["outcome"] as? String == "equal" })
    // In its own cache every stage of the pipeline is known, too.
    let audit = try object(retort.run(["audit", "--sample", "0.3", "--json"]))
    #expect(audit["different"] as? Int == 0)
    #expect(try #require(audit["sampled"] as? Int) > 0)
  }
}
