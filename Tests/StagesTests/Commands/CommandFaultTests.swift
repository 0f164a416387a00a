import Artifacts
import RetortTesting
import Testing

@testable import Stages

@Suite("What is wrong with a command is found before anything runs")
struct CommandFaultTests {
  private func faults(_ command: Command<some StageOutput>) -> [RetortError] { FakeServices().faults(of: command) }

  @Test func aProgramThatIsNotThere() throws {
    let typo = faults(Command<Corpus>("slepe", arguments: [.output], process: ["PATH": "/usr/bin:/bin"]))
    #expect(typo.count == 1 && typo[0].place.field == "program" && typo[0].message.contains("“slepe”"))
    #expect(typo[0].remedy == "Did you mean “sleep”?")
    let strange = faults(Command<Corpus>("qqqqqqqqqqqqqq", arguments: [.output], process: ["PATH": "/bin"]))
    #expect(strange[0].remedy.contains("Install it"))
    let path = faults(Command<Corpus>("./no/such", arguments: [.output], process: [:]))
    #expect(path[0].message.contains("./no/such") && path[0].remedy.contains("path"))
    let file = try Scratch().file("script", "x")
    #expect(faults(Command<Corpus>("", arguments: [.output], process: [:])).count == 1)
    let plain = faults(Command<Corpus>(file.path.string, arguments: [.output], process: [:]))
    #expect(plain.count == 1)
  }

  @Test func aScriptThatMayNotBeExecuted() throws {
    let scratch = try Scratch()
    let file = try scratch.file("script.sh", "#!/bin/sh\n")
    let found = faults(Command<Corpus>(file.path.string, arguments: [.output], process: [:]))
    #expect(found.first?.remedy.contains("chmod +x") == true)
  }

  @Test func outputs() {
    #expect(faults(Command<Corpus>.shell("true", .output)).isEmpty)
    #expect(faults(Command<TextAndFigures>.shell("true", .output("text"), "x\(.output("figures"))")).isEmpty)
    let none = faults(Command<Corpus>.shell("true"))
    #expect(none.map(\.place.field) == ["arguments"] && none[0].remedy.contains(".output"))
    let half = faults(Command<TextAndFigures>.shell("true", .output("text")))
    #expect(half.count == 1 && half[0].message.contains("“figures”"))
    let wrong = faults(Command<TextAndFigures>.shell("true", .output("text"), .output("figures"), .output("fugures")))
    #expect(wrong.count == 1 && wrong[0].message.contains("“fugures”") && wrong[0].remedy.contains("“figures”"))
    #expect(faults(Command<Corpus>.shell("true", .output("train"))).count == 2)
    #expect(faults(Command<TextAndFigures>.shell("true", .output)).count == 2)
  }

  @Test func probesAndTheRest() {
    let failing = faults(Command<Corpus>.shell("true", .output, probes: [["sh", "-c", "echo broken >&2; exit 3"]]))
    #expect(failing.count == 1 && failing[0].place.field == "probes")
    #expect(failing[0].message.contains("exit code 3") && failing[0].message.contains("broken"))
    let missing = faults(Command<Corpus>.shell("true", .output, probes: [["slepe"], []]))
    #expect(missing.count == 2 && missing[0].message.contains("Did you mean “sleep”?"))
    #expect(faults(Command<Corpus>.shell("true", .output, setting: ["A=B": "c"])).count == 1)
    #expect(faults(Command<Corpus>.shell("true", .output, setting: ["A": "c"], secrets: ["A"])).count == 1)
    #expect(faults(Command<Corpus>.shell("true", .output, limits: CommandLimits(timeout: 0))).count == 1)
    func devices(_ devices: CommandDevice...) -> [RetortError] {
      faults(Command<Corpus>.shell("true", .output, setting: ["A": "1"], limits: CommandLimits(devices: devices)))
    }
    #expect(devices(.named("gpu", count: 2, in: "CUDA_VISIBLE_DEVICES")).isEmpty)
    #expect(devices(.named("gpu"), .named("gpu")).first?.remedy.contains("count: 2") == true)
    #expect(devices(.named("gpu", in: "A")).first?.message.contains("“A” has a value") == true)
    #expect(devices(.named("gpu", in: "A=B")).count == 1)
  }

  @Test func whatAPlanShows() {
    let command = Command<Corpus>.shell(
      "true", .output, setting: ["A": "1"], secrets: ["TOKEN"], probes: [["echo", "version 3"]])
    let text = command.conventions.joined(separator: "\n")
    for part in ["/sh", "A; secret: TOKEN", "echo version 3: version 3"] { #expect(text.contains(part), "\(text)") }
    #expect(command.uses.isEmpty && Command<Corpus>.shell("true", .output, isMeasured: true).uses.count == 1)
    #expect(Command<Corpus>.shell("true", limits: CommandLimits(cores: 2, memory: 5)).resources.cores == 2)
    let devices = CommandLimits(devices: [.named("gpu", count: 2), .named("card")])
    #expect(Command<Corpus>.shell("true", limits: devices).resources.devices == ["gpu": 2, "card": 1])
  }
}
