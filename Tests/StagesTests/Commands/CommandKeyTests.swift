import Artifacts
import Foundation
import RetortTesting
import Testing

@testable import Stages

@Suite("The key of a command")
struct CommandKeyTests {
  let scratch: Scratch
  let stubs = Stubs()

  init() throws { scratch = try Scratch() }

  private func program(_ name: String, _ text: String = "#!/bin/sh\n", in folder: String = "bin") throws -> String {
    let folder = scratch.folder.appending(path: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    return file.path
  }

  @Test func coversEveryProperty() throws {
    let (one, other) = (try stubs.corpus(), try stubs.corpus())
    let file = try scratch.file("words", "a")
    try expectKeyCoversEveryProperty(
      of: Command<Corpus>.shell("cp", .input(one), .output, passing: ["LANGUAGE"]),
      changing: [
        "program": { $0.program = CommandProgram("cat", path: "/usr/bin:/bin") },
        "arguments": { $0.arguments[3] = .input(other) },
        "environment": { $0.environment["LANGUAGE"] = "de" }, "secrets": { $0.secrets = ["TOKEN"] },
        "tracked": { $0.tracked = [file] },
        "probes": { $0.probes = [CommandProbe(["sh", "-c", "echo 1"], environment: ["PATH": "/bin"])] },
        "isMeasured": { $0.isMeasured = true }, "limits": { $0.limits.timeout = 3 },
      ], unkeyed: ["limits"], comesFromRecipe: false)
  }

  /// Each component changed alone gives a key of its own.
  @Test func everyComponentCounts() throws {
    let tool = try program("tool")
    let path = scratch.folder.appending(path: "bin").path + ":/usr/bin:/bin"
    let (one, other) = (try stubs.corpus(), try stubs.model(Classifier.self))
    let file = try scratch.file("words.txt", "one")
    let script = CommandArgument.file(file.path.string)
    func command(
      _ name: String = "tool", _ arguments: [CommandArgument]? = nil, passing: [String] = ["MODE"], mode: String? = "a",
      setting: [String: String] = [:], tracking: [SourceFile]? = nil, probes: [[String]] = [["echo", "1"]]
    ) -> Command<Corpus> {
      var process = ["PATH": path]
      process["MODE"] = mode
      return Command(
        name, arguments: arguments ?? ["--in", .input(one), script, .output, .seed(), .threads], passing: passing,
        setting: setting, tracking: tracking ?? [file], probes: probes, process: process)
    }
    var keys: [Key: String] = [:]
    func expectNew(_ what: String, _ key: Key) {
      if let before = keys.updateValue(what, forKey: key) { Issue.record("\(what) has the key of \(before)") }
    }
    let key = try command().key()
    expectNew("the command itself", key)
    let rest = Array(command().arguments.dropFirst())
    expectNew("a text", try command("tool", ["--from"] + rest).key())
    expectNew("the order", try command("tool", Array(command().arguments.reversed())).key())
    expectNew("one text less", try command("tool", rest).key())
    expectNew("a text in two", try command("tool", ["--", "in"] + rest).key())
    expectNew("the kind of an input", try command("tool", ["--in", .input(other)] + rest.dropFirst()).key())
    expectNew("text around a part", try command("tool", ["--in", "x\(one)"] + rest.dropFirst()).key())
    expectNew(
      "a seed of its own", try command("tool", Array(command().arguments.dropLast(2)) + [.seed(7), .threads]).key())
    expectNew("the run's seed", try command().key(defaultSeed: 8))
    expectNew("a value", try command(mode: "b").key())
    expectNew("no value", try command(mode: nil).key())
    expectNew("an empty value", try command(mode: "").key())
    expectNew("a variable more", try command(passing: ["MODE", "LANGUAGE"]).key())
    expectNew("a set variable", try command(setting: ["X": "1"]).key())
    expectNew("nothing tracked", try command(tracking: []).key())
    expectNew("an answer", try command(probes: [["echo", "2"]]).key())
    expectNew("no probe", try command(probes: []).key())
    _ = try program("other")
    expectNew("the program's name", try command("other").key())
    let bundle = Command<Vocabulary>(
      "tool", arguments: command().arguments, passing: ["MODE"], tracking: [file],
      probes: [["echo", "1"]], process: ["PATH": path, "MODE": "a"])
    expectNew("the kind of the result", try bundle.key())

    // Set to what is passed on, it is the same environment.
    #expect(try command(passing: [], setting: ["MODE": "a"]).key() == key)
    // The program by its path, and touched.
    #expect(try command(tool).key() == key)
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: tool)
    #expect(try command().key() == key)

    _ = try program("tool", "#!/bin/sh\n# changed\n")
    expectNew("the program's content", try command().key())
    _ = try program("tool")
    #expect(try command().key() == key)
    _ = try scratch.file("words.txt", "two")
    expectNew("a file's content", try command().key())
  }

  /// The same files in another folder, under other names of folders, are the same command.
  @Test func pathsDoNotCount() throws {
    let keys = try ["here", "there"].map { folder in
      let tool = try program("tool", in: folder)
      let script = try program("clean.py", "print()", in: folder)
      let scripts = URL(filePath: script).deletingLastPathComponent().path
      return try Command<Corpus>(
        tool, arguments: [.file(script), "\(.folder(scripts, ["*.py"]))/clean.py", .output],
        tracking: [SourceFile(script)],
        process: ["PATH": "/bin"]
      ).key()
    }
    #expect(keys[0] == keys[1])
  }

  @Test func secretsAndLimitsDoNotCount() throws {
    func command(_ token: String?, timeout: Double?) -> Command<Corpus> {
      var process = ["PATH": "/usr/bin:/bin"]
      process["TOKEN"] = token
      return .shell(
        "true", .output, secrets: ["TOKEN"], limits: CommandLimits(timeout: timeout, cores: 3), process: process)
    }
    #expect(try command("one", timeout: 1).key() == command("two", timeout: nil).key())
    #expect(try command(nil, timeout: 1).key() == command("two", timeout: 2).key())
    let recipe = try JSONEncoder().encode(command("hidden-value", timeout: 1))
    #expect(!String(decoding: recipe, as: UTF8.self).contains("hidden-value"))
  }

  @Test func argumentsAreWrittenAndReadBack() throws {
    let corpus = try stubs.corpus()
    let file = try scratch.file("a", "a")
    let arguments: [CommandArgument] = [
      "", "plain", .input(corpus), .output, .output("train"), .threads, .seed(), .seed(9), .file(file.path.string),
      .folder("/folder", ["*.py"]), "--in=\(corpus)/text.txt", "\(3)\(0.5)\("x")", "a\(.output)b\(.threads)",
    ]
    let copy = try JSONDecoder().decode([CommandArgument].self, from: JSONEncoder().encode(arguments))
    #expect(copy == arguments)
    #expect(arguments[11] == "30.5x" && arguments[0].parts == [.text("")])
    #expect(arguments[12].parts == [.text("a"), .output(""), .text("b"), .threads])
    #expect(CommandArgument.script("x.py", beside: "/a/b/pipeline.swift").parts == [.file("/a/b/x.py")])
  }

  @Test func programsAreFoundInOrder() throws {
    let first = try program("tool", in: "first")
    _ = try program("tool", in: "second")
    try FileManager.default.createDirectory(
      at: scratch.folder.appending(path: "none/tool"), withIntermediateDirectories: true)
    let path = ["none", "first", "second"].map { scratch.folder.appending(path: $0).path }.joined(separator: ":")
    #expect(CommandProgram("tool", path: path).file?.path.string == first)
    #expect(CommandProgram("tool", path: "").file == nil && CommandProgram("", path: path).file == nil)
    #expect(CommandProgram(first, path: "").plainName == "tool")
  }
}
