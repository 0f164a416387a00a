import Artifacts
import Declaring
import Foundation
import RetortTesting
import Testing
import Training

@testable import Stages

@Suite("Programs as stages")
struct CommandRunTests {
  let services = FakeServices(defaultSeed: 42, threads: 3)

  private func failure(_ command: Command<some StageOutput>) async -> RetortError? {
    await #expect(throws: RetortError.self) { _ = try await services.result(of: command) }
  }

  private func corpus(_ passages: [String]) throws -> Ref<Corpus> {
    try services.input(Corpus(writing: passages, to: services.makeFolder("input")))
  }

  @Test func anInputBecomesAnOutput() async throws {
    let raw = try corpus(["b", "a", "b"])
    let sorted = try await services.result(
      of: Command<Corpus>.shell("sort -u \"$1/text.txt\" > \"$2/text.txt\"; echo sorted", .input(raw), .output))
    #expect(try sorted.passages() == ["a", "b"] && sorted.facts.examples == 2)
    let log = services.journal.log
    #expect(log.last == "sorted" && log.first?.hasPrefix("$ sh -c 'sort -u \"$1/text.txt\"") == true)
  }

  @Test func everyPartOfAnArgument() async throws {
    let scratch = try Scratch()
    let file = try scratch.file("it's a file.txt", "content")
    let value = try services.input(Figures(mean: 0.5, words: ["x"]))
    let corpus = try await services.result(
      of: Command<Corpus>.shell(
        "cat \"$1\" \"$2/it's a file.txt\" \"$3\" | tr -d '\\n' > \"$4/text.txt\"; echo \" $5\" >> \"$4/text.txt\"; pwd",
        .file(file.path.string), .folder(scratch.folder.path, ["*.txt"]), .input(value), .output,
        "t\(.threads) s\(.seed()) \(.seed(7))"))
    #expect(try corpus.passages() == ["contentcontent{\"mean\":0.5,\"words\":[\"x\"]} t3 s42 7"])
    // The working folder is the attempt's own.
    #expect(services.journal.log.last?.contains("work") == true)
  }

  @Test func valuesAndBundles() async throws {
    let figures = try await services.result(
      of: Command<Figures>.shell("echo '{\"words\": [\"a\"], \"mean\": 2}' > \"$1\"", .output))
    #expect(figures == Figures(mean: 2, words: ["a"]))
    let both = try await services.result(
      of: Command<TextAndFigures>.shell(
        "echo text > \"$1/text.txt\"; echo '{\"mean\":1,\"words\":[]}' > \"$2\"", .output("text"), .output("figures")))
    #expect(try both.text.passages() == ["text"] && both.figures.mean == 1)
    let notes = try await services.result(
      of: Command<Notes>.shell("mkdir \"$1/deep\"; echo x > \"$1/deep/x\"", .output))
    #expect(try Files.read(notes.folder.appending("deep/x")) == Array("x\n".utf8))
  }

  @Test func examplesAndModelsAreRead() async throws {
    let good = """
      echo '{"label":1,"text":"fine"}' > "$1/examples.jsonl"
      echo '{"kind":"classification","labels":["bad","good"],"isPaired":false,"examples":1}' > "$1/schema.json"
      """
    let data = try await services.result(of: Command<TaskData<Classification>>.shell(good, .output))
    #expect(try data.examples().map(\.text) == ["fine"] && data.facts.labels == ["bad", "good"])
    let errors = [
      await failure(Command<TaskData<Regression>>.shell(good, .output)),
      await failure(
        Command<TaskData<Classification>>.shell(good.replacing("\"label\":1", with: "\"label\":7"), .output)),
      await failure(Command<Model<Classifier>>.shell("echo '{}' > \"$1/config.json\"", .output)),
      await failure(Command<Vocabulary>.shell("echo x > \"$1/readme\"", .output)),
      await failure(Command<Corpus>.shell("printf '\\377' > \"$1/text.txt\"", .output)),
      await failure(Command<Corpus>.shell("echo > \"$1/text.txt\"", .output)),
      await failure(Command<Corpus>.shell("echo > \"$1/other.txt\"", .output)),
    ]
    for error in errors {
      #expect(error?.code == "command.output" && error?.blame == .stage, "\(String(describing: error))")
    }
    #expect(await failure(Command<Figures>.shell("echo '[' > \"$1\"", .output))?.code == "artifact.unreadable")
  }

  @Test func onlyPlainFilesAreOpened() async {
    for script in [
      "mkfifo \"$1/text.txt\"", "ln -s /etc/passwd \"$1/text.txt\"", "rmdir \"$1\"; echo x > \"$1\"",
      "echo x > \"$1/text.txt\"; mkdir \"$1/deep\"; mkfifo \"$1/deep/pipe\"",
    ] { #expect(await failure(Command<Corpus>.shell(script, .output))?.code == "command.output") }
    #expect(await failure(Command<Figures>.shell("mkdir \"$1\"", .output))?.code == "command.output")
    #expect(
      await failure(Command<Figures>.shell("truncate -s 300M \"$1\"", .output))?.message.contains("300 MiB") == true)
  }

  @Test func missingOutputsAreNamed() async {
    let error = await failure(Command<TextAndFigures>.shell("echo x > text.txt", .output("text"), .output("figures")))
    #expect(error?.code == "command.output-missing")
    #expect(error?.message.contains("“text”") == true && error?.message.contains("“figures”") == true)
    let elsewhere = await failure(Command<Corpus>.shell("echo x > \"$1.txt\"; echo x > ../text.txt", .output))
    #expect(elsewhere?.code == "command.output-missing" && elsewhere?.message.contains("its output") == true)
  }

  @Test func failuresSayWhatTheProgramSaid() async {
    let error = await failure(
      Command<Corpus>.shell(
        "echo loud; i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo \"line $i\" >&2; done; exit 3", .output))
    #expect(error?.code == "command.failed" && error?.message.contains("ended with exit code 3") == true)
    #expect(error?.message.contains("line 30") == true && error?.message.contains("line 23") == true)
    #expect(error?.message.contains("line 22") == false && error?.message.contains("loud") == false)
    #expect(error?.remedy.isEmpty == false && error?.isTransient == false)
    #expect(await failure(Command<Corpus>.shell("echo loud; exit 1", .output))?.message.contains("loud") == true)
    #expect(await failure(Command<Corpus>.shell("exit 1", .output))?.message.contains("nothing") == true)
    let signal = await failure(Command<Corpus>.shell("kill -SEGV $$", .output))
    #expect(signal?.message.contains("SIGSEGV") == true)
    #expect(await failure(Command<Corpus>.shell("kill -KILL $$", .output))?.remedy.contains("memory") == true)
    #expect(await failure(Command<Corpus>.shell("no-such-tool", .output))?.remedy.contains("not found") == true)
    #expect(await failure(Command<Corpus>.shell("exit 75", .output))?.isTransient == true)
  }

  /// The ids stand in the variable of the device's name and in that of the program's choice, but not in a probe's.
  @Test func devicesAreInTheEnvironment() async throws {
    let services = FakeServices(devices: ["gpu": ["3", "1"]])
    let corpus = try await services.result(
      of: Command<Corpus>.shell(
        "echo $RETORT_DEVICE_GPU $CUDA_VISIBLE_DEVICES > \"$1/text.txt\"", .output,
        probes: [["sh", "-c", "echo $CUDA_VISIBLE_DEVICES."]],
        limits: CommandLimits(devices: [.named("gpu", count: 2, in: "CUDA_VISIBLE_DEVICES")])))
    #expect(try corpus.passages() == ["3,1 3,1"])
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status")))
  func whatUsesMoreThanItAskedForIsEnded() async throws {
    let script = "echo filling >&2; x=$(head -c 60000000 /dev/zero | tr '\\0' a); sleep 60"
    let error = await failure(
      Command<Corpus>.shell(script, .output, limits: CommandLimits(memory: 30_000_000)))
    #expect(error?.code == "stage.memory" && error?.blame == .stage)
    #expect(error?.message.contains("of the 30.0 MB") == true && error?.message.contains("filling") == true)
    #expect(error?.remedy.contains("`memory:`") == true)
  }

  @Test func timeouts() async {
    var limits = CommandLimits(timeout: 0.2)
    limits.grace = 0.2
    let error = await failure(
      Command<Corpus>.shell("trap '' TERM; echo busy >&2; echo x > \"$1/text.txt\"; sleep 60", .output, limits: limits))
    #expect(error?.code == "command.timeout" && error?.message.contains("busy") == true)
  }

  @Test func cancelling() async throws {
    let command = Command<Corpus>.shell(
      "echo x > \"$1/text.txt\"; trap 'exit 0' TERM; echo up; sleep 60 & wait", .output)
    let services = services
    let task = Task.detached { try await services.result(of: command) }
    while !services.journal.log.contains("up") { try await Task.sleep(nanoseconds: 5_000_000) }
    task.cancel()
    // It had written everything and ended with 0: nobody knows whether it was done.
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }

  @Test func theEnvironmentDoesNotLeak() async throws {
    // Of this process, whatever it has: one variable is a secret that is passed on, the others must not be seen.
    let here = ProcessInfo.processInfo.environment.keys.filter {
      !["PATH", "HOME", "TMPDIR", "LANG", "PWD", "_"].contains($0)
    }
    let secret = try #require(here.min())
    let corpus = try await services.result(
      of: Command<Corpus>.shell(
        "env > \"$1/text.txt\"", .output, passing: ["SEEN", "UNSET"], setting: ["MINE": "2"],
        secrets: [secret],
        process: ["PATH": "/usr/bin:/bin", "SEEN": "1", "OTHER": "3"]))
    let names = Set(try corpus.passages().map { String($0.prefix { $0 != "=" }) }).subtracting([
      "PWD", "_", "OLDPWD", "SHLVL",
    ])
    #expect(names.subtracting(["HOME"]) == ["PATH", "TMPDIR", "LANG", "SEEN", "MINE", secret])
    #expect(try corpus.passages().contains("LANG=C.UTF-8"))
  }

  @Test func anotherAnswerOrFileThanPlanned() async throws {
    let scratch = try Scratch()
    let version = try scratch.file("version", "1\n")
    let command = Command<Corpus>.shell(
      "echo x > \"$1/text.txt\"", .output, probes: [["cat", version.path.string]])
    #expect(try await services.result(of: command).passages() == ["x"])
    _ = try scratch.file("version", "2\n")
    let error = await failure(command)
    #expect(error?.code == "command.probe-changed" && error?.message.contains("“2” now") == true)
    let tracked = Command<Corpus>.shell(
      "rm \"$2\"; echo x > \"$1/text.txt\"", .output, CommandArgument(version.path.string), tracking: [version])
    #expect(await failure(tracked)?.code == "file.missing")
  }

  @Test func inputsMustStayAsTheyAre() async throws {
    let raw = try corpus(["a", "b"])
    let rude = Command<Corpus>.shell(
      "chmod u+w \"$1/text.txt\"; echo more >> \"$1/text.txt\"; cp \"$1/text.txt\" \"$2\"", .input(raw), .output)
    #expect(await failure(rude)?.code == "command.input-changed")
  }

  @Test func logsAreBounded() async throws {
    let size = CommandLog.limit + (4 << 20)
    _ = try await services.result(
      of: Command<Corpus>.shell(
        "echo x > \"$1/text.txt\"; yes 01234567890123456789012345678901234567890123456789012345678901234567890123456789 | head -c \(size); printf '\\n\\377end\\n' >&2",
        .output))
    let log = services.journal.log
    #expect(log.reduce(0) { $0 + $1.utf8.count + 1 } < CommandLog.limit + (1 << 20))
    #expect(log.contains { $0.hasPrefix("… ") && $0.contains("12 MiB") } && log.contains("\u{FFFD}end"))
  }

  @Test func aBitOfPython() async throws {
    let process = ProcessInfo.processInfo.environment
    guard CommandProgram("python3", path: process["PATH"] ?? "").file != nil else { return }
    let raw = try corpus(["Ｆull  width", "full WIDTH", "x"])
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../pipelines/command/clean.py")
    let clean = try await services.result(
      of: Command<Corpus>(
        "python3", .file(script.standardizedFileURL.path), .input(raw), .output, "--shortest=2",
        probes: [["python3", "--version"]]))
    #expect(try clean.passages() == ["Full width"] && services.journal.log.last == "kept 1 of 3 passages")
  }
}
