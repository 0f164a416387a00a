import Foundation
import Testing

@Suite("A pipeline's program, called as a user does", .serialized)
final class ProgramTests {
  let probe: Probe

  init() throws { probe = try Probe() }
  deinit { probe.remove() }

  func stages(_ ending: Probe.Ending) throws -> [String: Int] {
    try #require(try ending.objects().last?["stages"] as? [String: Int])
  }

  @Test func secondRunHasNothingToDo() throws {
    let first = try probe.run("--json")
    #expect(first.status == 0, "\(first.errors)")
    #expect(try stages(first) == ["ran": 4, "cached": 0, "failed": 0])
    #expect(try first.objects().first?["event"] as? String == "planned")
    let second = try probe.run("--json")
    #expect(try stages(second) == ["ran": 0, "cached": 4, "failed": 0])
    #expect(second.lines.last?.hasPrefix(#"{"stages": {"ran": 0, "cached": 4, "failed": 0}, "models": []"#) == true)
    #expect(second.errors.isEmpty)
  }

  @Test func withoutATerminalLinesArePlain() throws {
    let ending = try probe.run(environment: ["TERM": "xterm-256color"])
    #expect(ending.status == 0)
    #expect(!ending.errors.contains("\u{1B}"))
    #expect(ending.output.isEmpty)
    #expect(ending.errors.contains("joined  started"))
    #expect(ending.errors.contains("4 ran, 0 cached."))
  }

  @Test func wordsOfTheUser() throws {
    let typo = try probe.run("plam")
    #expect(typo.status == 2 && typo.output.isEmpty)
    #expect(typo.errors.contains("Did you mean “plan”?"))
    let option = try probe.run("--wrod", "x")
    #expect(option.status == 2 && option.errors.contains("--wrod") && option.errors.contains("--word"))
    let number = try probe.run("--jobs", "0")
    #expect(number.status == 2 && number.errors.contains("--jobs must be at least 1"))
    let label = try probe.run("--only", "joind")
    #expect(label.status == 2 && label.errors.contains("joined"), "\(label.errors)")
  }

  /// The command learns how the run ended, its own end changes nothing, and stdout stays the run's.
  @Test func aCommandWhenTheRunHasEnded() throws {
    let command = "echo \"$RETORT_PIPELINE $RETORT_OUTCOME $RETORT_RUN: $RETORT_MESSAGE\" > told; echo loud; exit 3"
    let ending = try probe.run("--json", "--on-finish", command)
    #expect(ending.status == 0, "\(ending.errors)")
    #expect(try ending.objects().count > 1 && !ending.output.contains("loud"))
    #expect(ending.errors.contains("loud") && ending.errors.contains("--on-finish ended with exit code 3"))
    let told = try String(contentsOf: probe.folder.appending(path: "told"), encoding: .utf8)
    #expect(told.hasPrefix("program-probe succeeded 1: program-probe is up to date: 4 ran, 0 cached, in "), "\(told)")
    let failed = try probe.run("--failing", "3", "--on-finish", "echo $RETORT_OUTCOME > told")
    #expect(failed.status == 1)
    #expect(try String(contentsOf: probe.folder.appending(path: "told"), encoding: .utf8) == "failed\n")
  }

  @Test func allFaultsAtOnce() throws {
    let ending = try probe.run("--word", "", "--repeats", "0", "--repeats=-1", "--file", "missing.txt")
    #expect(ending.status == 2)
    for part in ["An empty word", "times-0", "missing.txt", "in the pipeline; nothing ran"] {
      #expect(ending.errors.contains(part), "\(part) in \(ending.errors)")
    }
  }

  @Test func aFailureSaysWhatToDo() throws {
    let ending = try probe.run("--failing", "3", "--keep-going", "--json")
    #expect(ending.status == 1)
    #expect(try stages(ending)["failed"] == 1)
    let shown = try probe.run("--failing", "3")
    #expect(shown.status == 1)
    for part in ["times-3", "The branch 3 was told to fail.", "Leave --failing out.", "repeating 3 times", "resume"] {
      #expect(shown.errors.contains(part), "\(part) in \(shown.errors)")
    }
    #expect(!shown.errors.contains("Error("))
  }

  /// A plan says which device is missing, also where its name is only misspelt; with it the run goes on.
  @Test func devicesMustBeThere() throws {
    let none = try probe.run("--uses", "gpu")
    #expect(none.status == 2 && none.errors.contains("Say which there are: --device gpu=0."), "\(none.errors)")
    let typo = try probe.run("plan", "--uses", "gpu", "--device", "gppu=0")
    #expect(typo.status == 2 && typo.errors.contains("the run has only “gppu”"), "\(typo.errors)")
    #expect(try probe.run("status", "--uses", "gpu").status == 0)
    let wrong = try probe.run("--device", "gpu=0,0")
    #expect(wrong.status == 2 && wrong.errors.contains("has the id 0 twice"), "\(wrong.errors)")
    let there = try probe.run("--uses", "gpu", "--json", environment: ["RETORT_DEVICES": "gpu=3"])
    #expect(there.status == 0 && there.output.contains("uses [\\\"3\\\"]"), "\(there.output)")
    #expect(try probe.run("reproduce", "user", "--uses", "gpu", "--device", "gpu=1").status == 0)
  }

  @Test func timeoutsAndRetries() throws {
    let late = try probe.run("--seconds", "60", "--timeout", "1h", "--timeout", "joined=200ms")
    #expect(late.status == 1 && late.errors.contains("took longer than allowed"), "\(late.errors)")
    let typo = try probe.run("--timeout", "joind=3s")
    #expect(typo.status == 2 && typo.errors.contains("Did you mean “joined”?"), "\(typo.errors)")
    let time = try probe.run("--timeout", "soon")
    #expect(time.status == 2 && time.errors.contains("--timeout"), "\(time.errors)")
    let never = try probe.run("--passing", "1", "--retries", "0")
    #expect(never.status == 1 && never.errors.contains("It did not work this time."), "\(never.errors)")
    try FileManager.default.removeItem(at: probe.folder.appending(path: "failures"))
    let again = try probe.run("--passing", "1", "--retries", "1", "--json")
    #expect(again.status == 0 && again.output.contains(#""retry""#), "\(again.output)")
    #expect(try probe.run("--retries=-1").status == 2)
  }

  @Test func ctrlCThenResume() throws {
    let first = try probe.start("ProgramProbe", ["--seconds", "60", "--word", "b", "--json", "--progress", "plain"])
    try first.wait(for: "progress", "joined")
    first.process.interrupt()
    let ending = try first.finish()
    #expect(ending.status == 130, "\(ending.errors)")
    #expect(ending.errors.contains("Stopping at the next checkpoint"))
    #expect(try ending.objects().last?["outcome"] as? String == "interrupted")

    let status = try probe.run("status", "--seconds", "60", "--word", "b", "--json")
    #expect(
      try status.objects().contains { $0["label"] as? String == "joined" && $0["state"] as? String == "interrupted" })

    let second = try probe.start("ProgramProbe", ["resume", "--json", "--jobs", "1"])
    try second.wait(for: "progress", "joined")
    second.process.terminate()
    let again = try second.finish()
    #expect(again.status == 130, "\(again.errors)")
    #expect(try stages(again)["cached"] == 3)
  }

  @Test func killedThenResumed() throws {
    let first = try probe.start("ProgramProbe", ["--seconds", "0.6", "--json"])
    try first.wait(for: "started", "joined")
    kill(first.process.processIdentifier, SIGKILL)
    _ = try first.finish()
    let resumed = try probe.run("resume", "--json")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try stages(resumed) == ["ran": 1, "cached": 3, "failed": 0])
    let nothing = try probe.run("resume")
    #expect(nothing.status == 0 && nothing.errors.contains("nothing to resume"))
  }

  @Test func whyNamesTheOption() throws {
    #expect(try probe.run().status == 0)
    #expect(try probe.run("--seconds", "0.02").status == 0)
    let why = try probe.run("why", "joined", "--seconds", "0.02")
    #expect(why.status == 0, "\(why.errors)")
    for part in ["seconds", "0.02"] { #expect(why.output.contains(part), "\(part) in \(why.output)") }
    let typo = try probe.run("why", "joind")
    #expect(typo.status == 2 && typo.errors.contains("Did you mean “joined”?"))
  }

  @Test func planAndStatusRunNothing() throws {
    let plan = try probe.run("plan", "--json")
    #expect(plan.status == 0, "\(plan.errors)")
    let verbose = try probe.run("plan", "--verbose")
    #expect(verbose.output.contains("seconds") && verbose.output.contains("times-2"))
    #expect(try probe.run("status").status == 0)
    #expect(try stages(try probe.run("--json"))["ran"] == 4)
  }

  @Test(arguments: ["mermaid", "dot", "json"])
  func graphs(format: String) throws {
    let graph = try probe.run("graph", "--format", format)
    #expect(graph.status == 0, "\(graph.errors)")
    for label in ["word", "times-2", "times-3", "joined"] { #expect(graph.output.contains(label)) }
  }

  @Test func aCacheThatCannotBe() throws {
    try Data("x".utf8).write(to: probe.folder.appending(path: "file"))
    let ending = try probe.run("--cache", "file/cache")
    #expect(ending.status == 1 && ending.errors.contains("file"), "\(ending.status) \(ending.errors)")
    #expect(!ending.errors.contains("Domain="))
  }

  @Test(arguments: ["--help", "-h", "help"])
  func help(word: String) throws {
    let ending = try probe.run(word)
    #expect(ending.status == 0)
    for part in ["--word", "--cache", "EXIT CODES", "resume", "--generate-completion-script"] {
      #expect(ending.output.contains(part))
    }
    #expect(ending.lines.allSatisfy { $0.count <= 80 })
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let ending = try probe.run("--generate-completion-script", shell)
    #expect(ending.status == 0 && ending.output.contains("keep-going") && ending.output.contains("word"))
  }
}
