import Foundation
import Testing

@Suite("The pipeline with a step in Python")
struct CommandTests {
  static let hasPython = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
    FileManager.default.isExecutableFile(atPath: "\($0)/python3")
  }

  @Test(.enabled(if: hasPython, "there is no python3"))
  func runsOnce() throws {
    let folder = try TemporaryFolder("command")
    let program = BuiltProgram("command", in: folder.url)
    let first = try program.run(["--json", "--progress", "none"])
    #expect(first.status == 0, "\(first.errors)")
    #expect(try Summary(first).stages.ran == 4)
    #expect(try Summary(program.run(["--json", "--progress", "none"])).stages.ran == 0)
    // What Retort made of the script's text depends on the script's option.
    let other = try program.run(["--json", "--progress", "none", "--shortest", "12"])
    #expect(other.status == 0, "\(other.errors)")
    #expect(try Summary(other).stages.ran == 3)
    let nothing = try program.run(["--progress", "none", "--shortest", "1000"])
    #expect(nothing.status == 1 && nothing.errors.contains("every passage is shorter than --shortest"))
  }
}
