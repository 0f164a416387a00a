import Foundation
import Testing

@Suite("House rules that a compiler does not check")
struct HouseRuleTests {
  /// All but what `make protobuf` generates.
  static let sources =
    SourceTree.files(below: "Sources", suffix: ".swift").filter { !$0.lastPathComponent.hasSuffix(".pb.swift") }
    + SourceTree.files(below: "pipelines", suffix: ".swift")

  @Test("A file holds one capability: 400 lines at the most")
  func filesAreShort() throws {
    for file in Self.sources {
      let lines = try SourceTree.text(file).split(separator: "\n", omittingEmptySubsequences: false).count
      #expect(lines <= 400, "\(SourceTree.relative(file)) has \(lines) lines")
    }
  }

  @Test("Nothing that input can reach may trap", arguments: ["fatalError(", "try!", "as!", "preconditionFailure("])
  func nothingTraps(word: String) throws {
    for file in Self.sources {
      for (index, line) in try SourceTree.text(file).split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        #expect(!code.contains(word), "\(SourceTree.relative(file)):\(index + 1) uses \(word)")
      }
    }
  }

  @Test("Every decision is listed in its folder's index")
  func decisionsAreListed() throws {
    let index = try SourceTree.text(SourceTree.root.appending(path: "docs/decisions/README.md"))
    for file in SourceTree.files(below: "docs/decisions", suffix: ".md") where file.lastPathComponent != "README.md" {
      #expect(index.contains(file.lastPathComponent), "\(file.lastPathComponent) is not in docs/decisions/README.md")
    }
  }

  @Test("Links between documents lead somewhere")
  func linksResolve() throws {
    let documents =
      SourceTree.files(below: "docs", suffix: ".md")
      + ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "cache/README.md"].map { SourceTree.root.appending(path: $0) }
    for document in documents {
      for match in try SourceTree.text(document).matches(of: /\]\(([^)#:]+)(#[^)]*)?\)/) {
        let target = document.deletingLastPathComponent().appending(path: String(match.output.1))
        #expect(
          FileManager.default.fileExists(atPath: target.path),
          "\(SourceTree.relative(document)) links to \(match.output.1), which is not there")
      }
    }
  }
}
