import Artifacts
import Declaring
import Foundation
import Planning
import Stages
import Storing
import Testing
import Training

@testable import Executing
@testable import Retort

@Suite("What is shown at the end of a run")
struct ReportTests {
  static let teacher = ModelFigures(
    label: "teacher", digest: Digest(of: [1]), parameters: 22_713_986, bytes: 90_900_000, score: 0.9312,
    interval: Interval(low: 0.91, high: 0.95), accuracy: 0.9312, macroF1: 0.93, agreement: nil,
    sentencesPerSecond: 133.4, p50: 0.0042, p95: 0.006)
  static let student = ModelFigures(
    label: "student-int8", digest: nil, parameters: 1_234_567, bytes: 1_300_000, score: 0.9, agreement: 0.962,
    sentencesPerSecond: 2614, p50: 0.00031)

  @Test func leaderboardAt80Columns() {
    let lines = ModelFigures.table([Self.teacher, Self.student]).lines(width: 80)
    #expect(
      lines == [
        "model         params     size            accuracy  agrees  sent/s  p50 ms",
        "teacher       22.7 M  90.9 MB  93.1 % (91.0–95.0)       –     133    4.20",
        "student-int8  1.23 M  1.30 MB              90.0 %  96.2 %   2,614    0.31",
      ])
  }

  @Test func everythingFitsWithShortLabels() {
    var (teacher, student) = (Self.teacher, Self.student)
    (student.label, student.interval, student.p95) = (
      "pruned", Interval(low: 0.88, high: 0.92), 0.0004
    )
    teacher.agreement = 1
    let lines = ModelFigures.table([teacher, student]).lines(width: 80)
    #expect(lines[0] == "model    params     size            accuracy   agrees  sent/s  p50 ms  p95 ms")
    #expect(lines[2] == "pruned   1.23 M  1.30 MB  90.0 % (88.0–92.0)   96.2 %   2,614    0.31    0.40")
  }

  @Test func effectsWithTheirIntervals() throws {
    let effect = Effect(
      pairs: 5, score: 0.9312, reference: 0.9204, gain: 0.0108, interval: Interval(low: -0.0012, high: 0.0228))
    let lines = EffectFigures.table([EffectFigures(label: "augmentation", effect: effect)]).lines(width: 80)
    #expect(
      lines == [
        "effect of     pairs  without    with   gain  95 % interval",
        "augmentation      5   92.0 %  93.1 %  +1.08  −0.12 … +2.28",
      ])
  }

  @Test func differencesAndOtherMetrics() {
    var (teacher, student) = (Self.teacher, Self.student)
    let interval = Interval(low: -0.045, high: -0.0175)
    student.difference = PairedDifference(metric: .accuracy, difference: -0.0312, interval: interval, mcnemar: 0.25)
    let lines = ModelFigures.table([teacher, student]).lines(width: 100)
    #expect(lines[0].contains("to the first"))
    #expect(lines[2].contains("90.0 %  −3.1 (−4.5 … −1.8)"), "\(lines[2])")
    let json = student.json.line
    #expect(
      json.contains(#""difference": -0.0312, "difference_interval": [-0.045, -0.0175], "mcnemar_p": 0.25"#), "\(json)")
    (teacher.metric, teacher.score, teacher.interval) = (.spearman, 0.8712, Interval(low: 0.8, high: 0.9))
    (student.metric, student.score) = (.spearman, 0.84)
    let ranks = ModelFigures.table([teacher, student]).lines(width: 100)
    #expect(ranks[0].contains("Spearman") && !ranks[0].contains("accuracy"))
    #expect(ranks[1].contains("0.871 (0.800–0.900)"))
    #expect(ranks[2].contains("0.840  −0.031 (−0.045 … −0.018)"), "\(ranks[2])")
  }

  @Test(arguments: [(812, "812"), (9_999, "9,999"), (204_610, "205 k"), (1_010_562, "1.01 M"), (109_482_240, "109 M")])
  func compactCounts(value: Int, text: String) { #expect(Figures.compact(value) == text) }

  @Test func leaderboardWithLongLabels() {
    var long = Self.student
    long.label = String(repeating: "pruned-", count: 9)
    #expect(ModelFigures.table([Self.teacher, long]).lines(width: 80).allSatisfy { TextWidth.of($0) <= 80 })
  }

  func report(_ outcome: RunOutcome, steps: [StepResult] = [], counts: RunCounts) -> RunReport {
    RunReport(
      summary: RunSummary(
        run: RunID(7), outcome: outcome, counts: counts, steps: steps, seconds: 72, faults: []),
      models: [Self.teacher], program: "./sst2", cacheFlags: " --cache c", lastLabel: "int8")
  }

  @Test func pageOfMarkdown() throws {
    let stage = StageIdentity(id: "tune.classifier", version: 1)
    let record = ArtifactRecord(
      digest: Digest(of: [7]), kind: "model.classifier", bytes: 3, facts: Facts())
    var details = ExecutionDetails(startedAt: 0, seconds: 61, profile: .unknown)
    details.metrics = ["loss": 0.25]
    let execution = Execution(
      id: 1, key: Key(Digest(of: [1])), stage: stage, run: RunID(7), details: details, outputs: ["": record])
    let step = StepResult(
      label: "a|b", stage: stage, key: nil, status: .ran, execution: execution, seconds: 61, attempts: 1)
    let page = report(.succeeded, steps: [step], counts: RunCounts(ran: 1, cached: 0)).markdown(
      pipeline: "sst2", command: ["sst2", "--data", "my data"], machine: .unknown)
    #expect(page.hasPrefix("# sst2\n\n```\n$ swift run -c release sst2 --data 'my data'\n```\n"))
    #expect(page.contains("| model | params | size | accuracy | sent/s | p50 ms | p95 ms |"))
    #expect(page.contains("| --- | ---: | ---: | ---: | ---: | ---: | ---: |"))
    #expect(page.contains("| a\\|b | tune.classifier | 1 min 01 s | loss 0.250 |"))
    #expect(page.contains("| a\\|b | model.classifier | `\(Digest(of: [7]).hex)` |"))
  }

  @Test func summaryForPrograms() throws {
    let line = report(.succeeded, counts: RunCounts(ran: 0, cached: 9)).json.line
    #expect(
      line.hasPrefix(#"{"stages": {"ran": 0, "cached": 9, "failed": 0}, "models": [{"label": "teacher", "digest": ""#))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    let model = try #require((object["models"] as? [[String: Any]])?.first)
    #expect(model["parameters"] as? Int == 22_713_986 && model["bytes"] as? Int == 90_900_000)
    #expect(model["accuracy"] as? Double == 0.9312 && model["sentences_per_second"] as? Double == 133.4)
    #expect((model["digest"] as? String)?.count == 64)
  }

  @Test func statuses() {
    #expect(report(.succeeded, counts: RunCounts()).status == .fine)
    #expect(report(.interrupted, counts: RunCounts()).status == .interrupted)
    #expect(report(.failed, counts: RunCounts(failed: 1)).status == .failure)
    let missed = StepResult(
      label: "pick", stage: StageIdentity(id: "x", version: 1), key: nil,
      status: .failed(RetortError("goal.missed", "No model is fast enough.")), execution: nil, seconds: 0, attempts: 1,
      log: nil)
    #expect(report(.failed, steps: [missed], counts: RunCounts(failed: 1)).status == .goalMissed)
  }

  @Test func aFailureWithItsLastWords() throws {
    let log = FilePath(FileManager.default.temporaryDirectory.appending(path: "retort-\(UUID()).log").path)
    defer { try? FileManager.default.removeItem(atPath: log.string) }
    try Data((1...30).map { "line \($0)\n" }.joined().utf8).write(to: URL(filePath: log.string))
    let failed = StepResult(
      label: "teacher", stage: StageIdentity(id: "x", version: 1), key: nil,
      status: .failed(RetortError("train.diverged", "The loss is NaN.", remedy: "Lower the rate.")), execution: nil,
      seconds: 3, attempts: 1, log: log)
    let terminal = Terminal(isTerminal: false, environment: { _ in nil })
    let lines = report(.failed, steps: [failed], counts: RunCounts(ran: 1, cached: 2, failed: 1, skipped: 3))
      .closing(terminal)
    #expect(lines.contains("error[train.diverged]: The loss is NaN."))
    #expect(lines.contains("  at: stage “teacher”") && lines.contains("  help: Lower the rate."))
    #expect(lines.contains("    │ line 30") && lines.contains("    │ line 23") && !lines.contains("    │ line 22"))
    #expect(lines.contains("Failed after 1 min 12 s: 1 ran, 2 cached, 1 failed, 3 not reached."))
    #expect(lines.last == "Mend it, then go on with  ./sst2 resume --cache c")
  }

  @Test(arguments: [("plain-1", "plain-1"), ("", "''"), ("two words", "'two words'"), ("it's", "'it'\\''s'")])
  func shellWords(word: String, quoted: String) { #expect(RunReport.quoted(word) == quoted) }
}

@Suite("Resuming")
struct ResumeTests {
  @Test(arguments: [
    (["--data", "x", "--cache", "c"], ["--data", "x", "--cache", "new", "--json"]),
    (["--cache=c", "--json", "run", "--data=x"], ["run", "--data=x", "--cache", "new", "--json"]),
    (["--data", "x", "--", "--cache"], ["--data", "x", "--cache", "new", "--json", "--", "--cache"]),
  ])
  func optionsOfTheSameNameAreReplaced(recorded: [String], merged: [String]) {
    let changes = [(name: "--cache", values: ["new"]), (name: "--json", values: [])]
    #expect(ResumeCommand<ReservedNamesTests.Bare>.merged(recorded, changes: changes) == merged)
  }
}

extension ResumeTests {
  @Test func whatARunIsAbout() {
    let arguments = ["--jobs", "2", "--data", "x", "--cache=c", "--force", "a", "--json", "run"]
    #expect(ResumeCommand<ReservedNamesTests.Bare>.essence(arguments) == ["--data", "x"])
  }

  @Test(arguments: [
    (["--force", "a", "b", "--data", "x"], ["--data", "x"]), (["--force=a", "run", "--force"], ["run"]),
    (["--data", "x", "--force", "a", "run", "--", "--force"], ["--data", "x", "run", "--", "--force"]),
  ])
  func forcingIsTakenOut(recorded: [String], rest: [String]) {
    #expect(ResumeCommand<ReservedNamesTests.Bare>.withoutForce(recorded) == rest)
  }
}

@Suite("The machine")
struct MachineTests {
  @Test func readsTheKernelsDescription() {
    let text = """
      processor\t: 0
      model name\t: AMD EPYC 9B14
      flags\t\t: fpu sse4_2 avx512f fma avx2 rdrand
      processor\t: 1
      model name\t: another
      """
    let description = ProcessorDescription(cpuinfo: text)
    #expect(description.name == "AMD EPYC 9B14")
    #expect(description.flags == ["sse4_2", "fma", "avx2", "avx512f"])
    #expect(ProcessorDescription(cpuinfo: "nonsense").name == "unknown")
  }
}
