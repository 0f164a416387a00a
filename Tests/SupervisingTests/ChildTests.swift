import Artifacts
import Foundation
import Supervising
import Testing

@Suite("Programs that run as children")
struct ChildTests {
  @Test func bothOutputsAndTheEnding() throws {
    let heard = try shell("echo one; echo two >&2; printf three; exit 3")
    #expect(heard.output == ["one", "three"] && heard.errors == ["two"])
    #expect(heard.result.ending == .exited(3) && !heard.result.wasStopped && heard.result.seconds >= 0)
    #expect("\(heard.result.ending)" == "ended with exit code 3")
    #expect(try shell("true").result.ending.isSuccess)
  }

  @Test(arguments: [(SIGSEGV, "SIGSEGV"), (SIGKILL, "SIGKILL"), (SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")])
  func signals(signal: Int32, name: String) throws {
    let heard = try shell("kill -\(signal) $$; sleep 60")
    #expect(heard.result.ending == .killed(signal: signal) && !heard.result.wasStopped)
    #expect("\(heard.result.ending)".contains(name))
  }

  @Test func argumentsArriveAsTheyAre() throws {
    let arguments = ["", "a b", "$HOME", "'\"`", "line\nbreak", "*", "é\u{1F600}"]
    let heard = try shell("for each in \"$@\"; do printf '%s|' \"$each\"; done", arguments)
    #expect(heard.output.joined(separator: "\n") == arguments.map { $0 + "|" }.joined())
  }

  @Test func theEnvironmentIsTheGivenOne() throws {
    let heard = try shell("env", environment: ["PATH": "/usr/bin:/bin", "ONLY": "a=b\tc"])
    // The shell adds two of its own.
    #expect(
      Set(heard.output.filter { !$0.hasPrefix("PWD=") && !$0.hasPrefix("_=") }) == [
        "PATH=/usr/bin:/bin", "ONLY=a=b\tc",
      ])
  }

  @Test func theFolderAndAnEmptyInput() throws {
    let folder = try TemporaryFolder()
    let heard = try shell("pwd -P; cat; echo end", folder: folder.path)
    #expect(heard.output.last == "end" && heard.output.count == 2)
    #expect(heard.output.first?.hasSuffix(folder.path.lastComponent?.string ?? "?") == true)
  }

  @Test func onlyGivenDescriptorsAreInherited() throws {
    let folder = try TemporaryFolder()
    // Open without close-on-exec, as careless libraries do.
    let careless = open(try folder.file("careless", "x").string, O_RDONLY)
    defer { close(careless) }
    let list = "ls /proc/self/fd"
    // The last one is that of the listing itself.
    #expect(try shell(list).output.dropLast() == ["0", "1", "2"])
    let channel = try ChildChannel()
    let heard = try shell("\(list) >&2; echo hello >&3", descriptors: [channel.theirs.number, channel.theirs.number])
    #expect(heard.errors.dropLast() == ["0", "1", "2", "3", "4"])
    #expect(channel.ours.receive() == Array("hello\n".utf8))
  }

  @Test func aChannelTellsThatItsOtherEndIsGone() throws {
    var channel: ChildChannel? = try ChildChannel()
    let ours = try #require(channel?.ours)
    let program = ChildProgram(
      "/bin/sh", arguments: ["-c", "read -r line <&3; echo \"got $line\" >&3"], environment: ["PATH": "/usr/bin:/bin"],
      descriptors: [try #require(channel?.theirs.number)])
    let child = try Child(program)
    channel = nil
    #expect(ours.send(Array("a word\n".utf8)))
    #expect(ours.receive() == Array("got a word\n".utf8) && ours.receive().isEmpty)
    #expect(try child.wait().ending.isSuccess)
    #expect(!ours.send([1]))
    #expect(throws: RetortError.self) { _ = try ChannelEnd.inherited(9_999) }
  }

  @Test func stoppingAsksAndThenKills() throws {
    let polite = try shell("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done") { true }
    #expect(polite.result.wasStopped)
    var asked = false
    let deaf = try shell("trap '' TERM; echo ready; sleep 60", grace: 0.2) {
      defer { asked = true }
      return asked
    }
    #expect(
      deaf.result == ChildResult(ending: .killed(signal: SIGKILL), wasStopped: true, seconds: deaf.result.seconds))
    #expect(deaf.result.seconds < 30)
    // One that is stopped hears it, too.
    #expect(try shell("kill -STOP $$; sleep 60") { true }.result.ending == .killed(signal: SIGTERM))
  }

  /// A program that makes a group of its own hears what the group hears, and is killed with it.
  @Test(arguments: ["", "trap '' TERM; "]) func whoLeadsAGroupOfItsOwnIsReached(deafness: String) throws {
    let body = "\(deafness)echo ready; while :; do sleep 0.05; done"
    var isReady = false
    let program = ChildProgram(
      "/usr/bin/timeout", arguments: ["90", "sh", "-c", body], environment: ["PATH": "/usr/bin:/bin"])
    let result = try Child(program, grace: 0.2).wait(until: { isReady }) { _, _ in isReady = true }
    #expect(result.wasStopped && result.seconds < 60)
    #expect((result.ending == .killed(signal: SIGKILL)) == !deafness.isEmpty)
    // Its end is not waited for where it is let go of.
    let child = try Child(program)
    #expect(eventually { getpgid(child.number) == child.number })
  }

  @Test func whatItLeavesRunningEndsWithIt() throws {
    let heard = try shell("sleep 300 & echo $!; (sleep 300 & echo $!); exit 0")
    let left = heard.output.compactMap { pid_t($0) }
    #expect(left.count == 2 && heard.result.ending.isSuccess)
    for process in left { #expect(eventually { !isRunning(process) }) }
  }

  @Test func oneThatIsLetGoOfEnds() throws {
    let folder = try TemporaryFolder()
    let file = folder.path.appending("number")
    var child: Child? = try Child(
      ChildProgram(
        "/bin/sh", arguments: ["-c", "sleep 300 & echo $! > \"$1\"; wait", "sh", file.string],
        environment: ["PATH": "/usr/bin:/bin"]))
    let number = try #require(child?.number)
    #expect(try eventually { try Files.status(of: file)?.bytes ?? 0 > 1 })
    let grandchild = try #require(pid_t(String(decoding: try Files.read(file), as: UTF8.self).dropLast()))
    #expect(isRunning(number) && isRunning(grandchild))
    child = nil
    #expect(eventually { !isRunning(number) && !isRunning(grandchild) })
  }

  /// A daemon that leaves the group and keeps the output open holds nobody up.
  @Test func whoFleesIsNotWaitedFor() throws {
    let heard = try shell("setsid sh -c 'echo $$; exec sleep 20' & sleep 0.3; echo done")
    #expect(heard.result.ending.isSuccess && heard.output.contains("done") && heard.result.seconds < 15)
    if let fled = heard.output.compactMap({ pid_t($0) }).first { kill(fled, SIGKILL) }
  }

  @Test func muchOutputAndNone() throws {
    let count = 20_000_000
    var (lines, bytes) = (0, 0)
    let program = ChildProgram(
      "/bin/sh",
      arguments: [
        "-c", "yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c \(count)",
      ],
      environment: ["PATH": "/usr/bin:/bin"])
    let result = try Child(program).wait(line: { _, line in
      lines += 1
      bytes += line.utf8.count + 1
    })
    #expect(result.ending.isSuccess && (bytes == count || bytes == count + 1) && lines == count / 71 + 1)
    #expect(try shell("head -c 3000000 /dev/zero").output.reduce(0) { $0 + $1.utf8.count } == 3_000_000)
    #expect(try shell("exec >&- 2>&-; sleep 0.05; exit 4").result.ending == .exited(4))
  }

  @Test func whatCannotBeStarted() throws {
    let folder = try TemporaryFolder()
    let cases: [(ChildProgram, RetortError.Code)] = [
      (ChildProgram("/no/such/program"), "child.start"),
      (ChildProgram(try folder.file("plain", "#!/bin/sh\n")), "child.start"),
      (ChildProgram(try folder.file("binary", "no program", mode: 0o755)), "child.start"),
      (ChildProgram(try folder.file("lost", "#!/no/such/interpreter\n", mode: 0o755)), "child.start"),
      (ChildProgram("/bin/sh", folder: "/no/such/folder"), "child.start"),
      (ChildProgram("/bin/sh", arguments: ["a\0b"]), "child.text"),
      (ChildProgram("/bin/sh", environment: ["A=B": "c"]), "child.text"),
      (ChildProgram("/bin/sh", arguments: [String(repeating: "x", count: 8 << 20)]), "child.start"),
    ]
    for (program, code) in cases {
      let error = #expect(throws: RetortError.self) { _ = try Child(program) }
      #expect(error?.code == code && error?.place.file == program.path.string)
    }
  }

  /// Groups and numbers of many children at once do not get into one another's way.
  @Test func manyAtOnce() async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<16 {
        group.addTask {
          let heard = try shell("sleep 0.0\(index % 4); echo \(index); exit \(index)")
          return heard.output == ["\(index)"] && heard.result.ending == .exited(Int32(index))
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }
}
