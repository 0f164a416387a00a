import Foundation
import Testing

/// What `retort` says of a cache that a program filled, and what the program computes again.
@Suite("Explanations, bundles and reproductions, called as a user does", .serialized)
final class CacheToolTests {
  let probe: Probe

  init() throws { probe = try Probe() }
  deinit { probe.remove() }

  private func retort(_ arguments: String..., environment: [String: String] = [:]) throws -> Probe.Ending {
    try probe.start("retort", arguments, environment: environment).finish()
  }

  private func object(_ ending: Probe.Ending) throws -> [String: Any] {
    #expect(ending.status == 0, "\(ending.errors)")
    return try #require(try ending.objects().last)
  }

  // MARK: Explanations

  @Test func diffNamesTheOptionAndTheFigures() throws {
    _ = try probe.run("--word", "a")
    _ = try probe.run("--word", "bc")
    let difference = try object(retort("diff", "joined@1", "joined@2", "--json"))
    let causes = try #require(difference["causes"] as? [[String: Any]])
    #expect(causes.count == 1 && causes[0]["path"] as? String == "options.text")
    #expect(causes[0]["old"] as? String == "\"a\"" && causes[0]["new"] as? String == "\"bc\"")
    let text = try retort("diff", "1", "2")
    #expect(text.output.contains("word  option text: \"a\" → \"bc\""), "\(text.output)")
    #expect(text.output.contains("word: a → bc") && text.output.contains("joined length"))
    for line in try retort("diff", "1", "2", environment: ["COLUMNS": "80"]).lines {
      #expect(line.count <= 80, "\(line)")
    }
    let typo = try retort("diff", "joind", "joined")
    #expect(typo.status == 2 && typo.errors.contains("“joined”"))
    #expect(try retort("diff", "1", "joined").status == 2)
  }

  @Test func compareMarksNothingThatHasNoBest() throws {
    for word in ["a", "bc", "d"] { _ = try probe.run("--word", word) }
    let text = try retort("compare", "--metric", "length")
    #expect(text.status == 0 && text.output.contains("--word") && text.output.contains("joined length"))
    #expect(text.lines[1].split(separator: " ") == ["run", "1", "run", "2", "run", "3"])
    #expect(try retort("compare", "1", "3", "--json").objects().map { $0["run"] as? Int } == [1, 3])
    let typo = try retort("compare", "--metric", "lenght")
    #expect(typo.status == 2 && typo.errors.contains("Did you mean “length”?"))
    #expect(try retort("compare", "7").status == 2)
  }

  @Test func planTellsHowLongItTook() throws {
    #expect(try probe.run("plan").output.contains("is not known"))
    _ = try probe.run("--seconds", "0.3")
    let plan = try probe.run("plan", "--seconds", "0.3", "--force")
    #expect(plan.output.contains("of work, one after the other"), "\(plan.output)")
    let objects = try probe.run("plan", "--seconds", "0.3", "--force", "joined", "--json").objects()
    let joined = try #require(objects.first { $0["label"] as? String == "joined" }?["estimated_seconds"] as? Double)
    #expect(joined > 0.2 && joined < 60)
    #expect(objects.first { $0["label"] as? String == "word" }?["estimated_seconds"] == nil)
    let other = try probe.run("plan", "--seconds", "0.3", "--repeats", "9")
    #expect(other.output.contains("as others of its kind"), "\(other.output)")
  }

  @Test func logsAreFollowedUntilTheStageIsDone() throws {
    let run = try probe.start("ProgramProbe", ["--seconds", "60", "--json", "--progress", "plain"])
    try run.wait(for: "progress", "joined")
    // The stage is over, the run is not.
    let ended = try retort("logs", "times-2", "-f")
    #expect(ended.status == 0 && ended.output == "repeating 2 times\n")
    #expect(run.process.isRunning)
    let waiting = try probe.start("retort", ["logs", "joined", "-f"])
    usleep(300_000)
    #expect(waiting.process.isRunning)
    run.process.interrupt()
    #expect(try waiting.finish().status == 0)
    _ = try run.finish()
  }

  // MARK: Bundles

  @Test func aBundleGoesFromCacheToCache() throws {
    _ = try probe.run()
    let written = try object(retort("export", "joined", "--as", "bundle", "--output", "joined.retort", "--json"))
    #expect(written["results"] as? Int == 4)
    #expect(try retort("export", "joined", "--as", "bundle", "--output", "joined.retort").status == 1)
    let seal = try #require(written["seal"] as? String)
    let checked = try object(retort("import", "joined.retort", "--check", "--json"))
    #expect(checked["seal"] as? String == seal && checked["run"] == nil)
    let refused = try retort("import", "joined.retort", "--seal", String(repeating: "0", count: 64), "--cache", "other")
    #expect(refused.status == 1 && !FileManager.default.fileExists(atPath: probe.folder.appending(path: "other").path))
    let imported = try object(retort("import", "joined.retort", "--cache", "other", "--seal", seal, "--json"))
    #expect(imported["new"] as? Int == 4)
    let again = try probe.run("--cache", "other", "--json")
    #expect(again.lines.last?.contains(#""ran": 0, "cached": 4"#) == true)
    let lineage = try object(retort("lineage", "joined", "--cache", "other", "--json"))
    #expect((lineage["nodes"] as? [Any])?.count == 4)
    #expect(try retort("verify", "--cache", "other").status == 0)
    let damaged = probe.folder.appending(path: "joined.retort")
    var bytes = try Data(contentsOf: damaged)
    bytes[bytes.count / 2] ^= 1
    try FileManager.default.removeItem(at: damaged)
    try bytes.write(to: damaged)
    let bad = try retort("import", "joined.retort", "--cache", "third")
    #expect(bad.status == 1 && bad.errors.contains("Nothing of it was taken over"), "\(bad.errors)")
    #expect(!FileManager.default.fileExists(atPath: probe.folder.appending(path: "third").path))
  }

  @Test func repairsSayWhatTheyCost() throws {
    _ = try probe.run()
    let whole = try object(retort("verify", "--repair", "--json"))
    #expect((whole["repair"] as? [String: Any])?["lostBytes"] as? Int == 0)
    #expect(try object(retort("verify", "--json"))["repair"] == nil)
    let journal = probe.folder.appending(path: "cache/journal")
    var bytes = try Data(contentsOf: journal)
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: journal)
    let ending = try retort("verify", "--repair", "--json")
    let repair = try #require(try ending.objects().last?["repair"] as? [String: Any])
    #expect(ending.status == 1 && repair["lostBytes"] as? Int ?? 0 > 0, "\(ending.errors)")
    #expect(try retort("verify").status == 0)
  }

  // MARK: Reproductions

  @Test func resultsComeOutAgain() throws {
    _ = try probe.run()
    for extra in [[], ["--from-sources"]] {
      let result = try object(probe.start("ProgramProbe", ["reproduce", "joined", "--json"] + extra).finish())
      #expect(result["outcome"] as? String == "equal")
      #expect((result["before"] as? [Any])?.count ?? 0 == (extra.isEmpty ? 0 : 3))
    }
    #expect(try probe.run("reproduce", "times-2").output.contains("the recorded bytes"))
    let noisy = try probe.run("reproduce", "times-2", environment: ["PROBE_NOISE": "x"])
    #expect(noisy.status == 1 && noisy.output.contains("other bytes"), "\(noisy.output)\(noisy.errors)")
    // A stage of a program is not known to retort.
    let unknown = try retort("reproduce", "times-2")
    #expect(unknown.status == 1 && unknown.errors.contains("PROGRAM reproduce"), "\(unknown.errors)")
    #expect(try probe.run("reproduce", "tims-2").status == 2)
  }

  @Test func filesAreFoundByTheirDigest() throws {
    let file = probe.folder.appending(path: "words.txt")
    try Data("more words".utf8).write(to: file)
    _ = try probe.run("--file", "words.txt")
    #expect(try probe.run("reproduce", "joined").status == 0)
    let away = probe.folder.appending(path: "away/deep")
    try FileManager.default.createDirectory(at: away, withIntermediateDirectories: true)
    try FileManager.default.moveItem(at: file, to: away.appending(path: "renamed"))
    let missing = try probe.run("reproduce", "joined")
    #expect(missing.status == 1 && missing.errors.contains("--search"), "\(missing.errors)")
    #expect(try probe.run("reproduce", "joined", "--search", "away").status == 0)
  }

  @Test func auditsTakeBackWhatDoesNotComeOutAgain() throws {
    _ = try probe.run()
    let sound = try object(probe.run("audit", "--sample", "1", "--json"))
    #expect(sound["equal"] as? Int == 4 && sound["different"] as? Int == 0)
    #expect(try object(probe.run("audit", "--sample", "0", "--json"))["sampled"] as? Int == 0)
    let audit = try probe.run("audit", "--sample", "1", "--json", environment: ["PROBE_NOISE": "x"])
    #expect(audit.status == 1, "\(audit.errors)")
    #expect(try audit.objects().last?["different"] as? Int == 2)
    let shown = try retort("show", "times-2")
    #expect(shown.status == 2 && shown.errors.contains("taken back by an audit"), "\(shown.errors)")
    let verified = try retort("verify")
    #expect(verified.status == 0 && verified.output.contains("“times-2” of run 1 was taken back"), "\(verified.output)")
    let again = try probe.run("--json")
    #expect(again.lines.last?.contains(#""ran": 2, "cached": 2"#) == true, "\(again.lines.last ?? "")")
    #expect(try retort("show", "times-2").status == 0)
  }

  /// One stage that fails in an audit takes nothing from what was found of the others.
  @Test func anAuditKeepsWhatItFound() throws {
    _ = try probe.run()
    let audit = try probe.run(
      "audit", "--sample", "1", environment: ["PROBE_NOISE": "x", "PROBE_FAIL": "3"])
    #expect(audit.status == 1 && audit.output.contains("not carried out. The branch 3 fails this time."), "\(audit)")
    #expect(audit.output.contains("Made from them, and still there: joined."), "\(audit.output)")
    #expect(try retort("show", "times-2").errors.contains("taken back by an audit"))
    #expect(try retort("show", "times-3").status == 0)
  }
}
