import Artifacts
import Foundation
import Planning
import Storing
import Testing

@testable import Retort

@Suite("The cache is opened while the command line is read")
struct AnticipationTests {
  /// A folder with an empty cache.
  private static func cache() throws -> FilePath {
    let folder = FilePath(FileManager.default.temporaryDirectory.path()).appending("early-\(UUID().uuidString)")
    _ = try Cache(folder)
    return folder
  }

  private static func begin(_ arguments: [String]) -> Anticipation? {
    let begun = Anticipation.begin(arguments, pipeline: "p") { .unknown }
    while begun?.recollecting.isOver == false { usleep(1_000) }
    return begun
  }

  @Test func theNamedOne() throws {
    let folder = try Self.cache()
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    for line in [
      ["--cache", folder.string], ["plan", "--cache=\(folder)", "--json"],
      ["--cache", "elsewhere", "--cache", "\(folder)"],
      ["--cache", folder.string, "--", "--cache", "x"],
    ] { #expect(Self.begin(line)?.folder == folder, "\(line)") }
  }

  @Test(arguments: [["--help"], ["help"], ["plan", "-h"], ["--version"], ["---completion", "--", "x"]])
  func nothingForHelp(words: [String]) throws {
    let folder = try Self.cache()
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    #expect(Self.begin(["--cache", folder.string] + words) == nil)
  }

  /// Where there is no cache none is made: the command line may still turn out to be wrong.
  @Test func nothingIsMade() {
    let folder = FilePath(FileManager.default.temporaryDirectory.path()).appending("early-\(UUID().uuidString)")
    #expect(Self.begin(["--cache", folder.string]) == nil)
    #expect(!FileManager.default.fileExists(atPath: folder.string))
    #expect(Self.begin(["--cache"]) == nil || FileManager.default.fileExists(atPath: "cache/journal"))
  }

  /// What is parsed alone is what the tree parses.
  @Test(arguments: [
    ["run"], ["run", "--word", "x"], ["plan"], ["why", "joined"],
    ["run", "--jobs", "3", "--cache=elsewhere", "--json"],
    ["run", "--only", "a", "--force", "b", "c"], ["status", "--word=y"], ["run", "--timeout", "5m", "--no-such"],
    ["plan", "--nonsense"], ["--help"], ["run", "--help"], ["plan", "-h"], ["--version"], ["run", "--version"],
    ["help"],
    ["help", "plan"], ["--generate-completion-script", "zsh"], ["nonsense"], [], ["run", "--jobs", "many"], ["why"],
    ["run", "--force"],
  ])
  func plainLinesParseAsInTheTree(line: [String]) {
    let plain = PlainCommand.parsed(line, below: ProgramRoot<Words>.self)
    let tree = try? ProgramRoot<Words>.parseAsRoot(line)
    // What is for the library to answer is left to the tree.
    if let plain { #expect(tree.map { "\($0)" } == "\(plain)") } else { #expect(!(tree is any PipelineCommand)) }
  }

  @Test func plainRunsParseAsOthers() throws {
    for line in [[], ["--word", "x"], ["run"], ["run", "--word", "x"], ["--jobs", "2", "--word", "y"]] as [[String]] {
      let plain = try #require(try ProgramMain<Words>.parse(line) as? RunCommand<Words>)
      let tree = try ProgramRoot<Words>.parseAsRoot(line.first == "run" ? line : ["run"] + line)
      #expect("\(plain)" == "\(tree)")
    }
    // A word that names a command may be a value, or the command: the parameters decide.
    let value = try #require(try ProgramMain<Words>.parse(["--word", "plan"]) as? RunCommand<Words>)
    #expect(value.program.word == "plan")
    #expect(try ProgramMain<Words>.parse(["--word", "x", "plan"]) is PlanCommand<Words>)
    let everything = try #require(try ProgramMain<Words>.parse(["--force"]) as? RunCommand<Words>)
    #expect(everything.selection.force == [ArgumentOrder.everything])
  }

  struct Words: PipelineProgram {
    @ArgumentParser.Option var word = "a"
    var body: Pipeline {}
  }
}
