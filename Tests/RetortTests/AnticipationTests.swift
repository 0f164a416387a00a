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

  @Test func plainTreesParseAsRealOnes() throws {
    for words in [[], ["--word", "x"], ["plan"], ["why", "joined"]] as [[String]] {
      let plain = PlainRoot<ProgramRoot<Words>>.command(
        in: words.isEmpty || words[0].hasPrefix("-") ? ["run"] + words : words, as: (any PipelineCommand).self)
      let real = try ProgramMain<Words>.parse(words)
      #expect(plain.map { type(of: $0) as Any.Type } == real.map { type(of: $0) as Any.Type }, "\(words)")
    }
    for words in [["--help"], ["--generate-completion-script", "zsh"], ["plan", "--nonsense"], ["help"]] {
      #expect(PlainRoot<ProgramRoot<Words>>.command(in: words, as: (any PipelineCommand).self) == nil, "\(words)")
    }
  }

  struct Words: PipelineProgram {
    @ArgumentParser.Option var word = "a"
    var body: Pipeline {}
  }
}
