import Artifacts
import Foundation
import Testing

@testable import Supervising

@Suite("The memory of children", .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status")))
struct MemoryTests {
  /// A shell that holds so many MB in a variable, and then waits.
  private func child(holding megabytes: Int, also script: String = "") throws -> Child {
    try Child(
      ChildProgram(
        "/bin/sh", arguments: ["-c", "x=$(head -c \(megabytes)000000 /dev/zero | tr '\\0' a); \(script)"],
        environment: ["PATH": "/usr/bin:/bin"]))
  }

  @Test func whatHoldsTooMuchIsKilled() throws {
    let result = try child(holding: 60, also: "echo there; sleep 60").wait(memory: 30_000_000)
    #expect(result.ending == .killed(signal: SIGKILL) && !result.wasStopped && !result.isOutOfMemory)
    let excess = try #require(result.excess)
    #expect(excess > 30_000_000 && excess < 400_000_000)
    let error = try #require(result.memoryFailure(of: "It", limit: 30_000_000, asking: "`memory:`"))
    #expect(error.code == "stage.memory" && error.message.contains("of the 30.0 MB") && !error.isTransient)
  }

  /// The limit is for the group: the program itself may hold next to nothing.
  @Test func whatAProgramStartsCountsToo() throws {
    let program = ChildProgram(
      "/bin/sh", arguments: ["-c", "sh -c 'x=$(head -c 60000000 /dev/zero | tr \"\\0\" a); sleep 60'; true"],
      environment: ["PATH": "/usr/bin:/bin"])
    #expect(try Child(program).wait(memory: 30_000_000).excess != nil)
  }

  @Test func whatHoldsLessIsLeftAlone() throws {
    let result = try child(holding: 20, also: "sleep 0.3; exit 3").wait(memory: 300_000_000)
    #expect(result.ending == .exited(3) && result.excess == nil && !result.isOutOfMemory)
    #expect(result.memoryFailure(of: "It", limit: 1, asking: "") == nil)
    // A signal of anybody else's is not taken for lack of memory.
    let killed = try child(holding: 1, also: "kill -KILL $$").wait(memory: 300_000_000)
    #expect(killed.ending == .killed(signal: SIGKILL) && killed.excess == nil && !killed.isOutOfMemory)
    #expect(killed.isKilledByOthers && killed.words.contains("memory had not run out"))
  }

  @Test func whatTheKernelSaid() throws {
    var result = ChildResult(ending: .killed(signal: SIGKILL), wasStopped: false, seconds: 1)
    result.isOutOfMemory = true
    let error = try #require(result.memoryFailure(of: "The stage", limit: 0, asking: "its resources"))
    #expect(error.code == "stage.out-of-memory" && error.message.contains("killed by the kernel"))
    #expect(error.remedy.contains("its resources") && error.blame == .environment)
  }

  /// The kernel takes a child before the program that waits for it.
  @Test func childrenAreGivenUpFirst() throws {
    let look = "[ $(cat /proc/$$/oom_score_adj) -ge 500 ] && exit 7; sleep 0.01"
    #expect(try shell("for i in $(seq 500); do \(look); done").result.ending == .exited(7))
  }

  // MARK: Texts of the system

  @Test func figuresOfAProcess() throws {
    let status =
      "Name:\tx\nVmRSS:\t  900 kB\nRssAnon:\t     300 kB\nRssFile:\t  500 kB\nRssShmem:\t 100 kB\nVmSwap:\t  7 kB\n"
    let figures = try #require(GroupMemory.Figures(status: status))
    #expect(figures.own == 307 * 1024 && figures.shared == 100 * 1024)
    let rollup =
      "5581-7ffe ---p 00000000 00:00 0 [rollup]\nPss: 90 kB\nPss_Anon:  40 kB\nPss_File: 30 kB\nPss_Shmem: 20 kB\nSwapPss: 1 kB\n"
    #expect(GroupMemory.Figures(rollup: rollup)?.own == 61 * 1024)
    // One that has ended, and texts that make no sense.
    for text in [nil, "", "Name:\tx\nState:\tZ (zombie)\n", "RssAnon:\n", "RssAnon: 99999999999999999999 kB\n"] {
      #expect(GroupMemory.Figures(status: text) == nil)
    }
    #expect(ProcFile.number(after: "oom_kill ", in: "a 1\noom_kill 12\nb 2\n") == 12)
    #expect(try #require(GroupMemory.kernelKills) >= 0)
  }

  /// Pages that were copied by a fork and never written count once.
  @Test func sharedPagesCountOnce() throws {
    let script = "for i in 1 2 3 4; do (sleep 2; true) & done; sleep 0.6; exit 4"
    let result = try child(holding: 40, also: script).wait(memory: 140_000_000)
    #expect(result.ending == .exited(4) && result.excess == nil, "\(result)")
  }
}
