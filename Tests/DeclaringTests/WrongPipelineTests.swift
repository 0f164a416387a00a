import Foundation
import Testing

/// Pipelines that must not compile: the files in `Tests/WrongPipelines` mark each wrong line with a part of its message.
@Suite("Pipelines that do not compile")
struct WrongPipelineTests {
  /// One chance to say so where there is no compiler or no module to check with; then the tests are skipped.
  static let unavailable: String? = {
    do {
      _ = try TypeChecker()
      return nil
    } catch { return "\(error)" }
  }()

  @Test(
    "fail at the marked lines, with the marked messages, and nowhere else",
    .disabled(if: unavailable != nil, "\(unavailable ?? "")"), arguments: [("Engine", 40), ("Stages", 23)])
  func fail(file: String, count: Int) throws {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "WrongPipelines/\(file).swift.txt")
    let text = try String(contentsOf: source, encoding: .utf8)
    var expected: [Int: String] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let mark = line.range(of: "// wrong: ") { expected[index + 1] = String(line[mark.upperBound...]) }
    }
    #expect(expected.count >= count)
    let checker = try TypeChecker()
    guard checker.hasModule(file == "Stages" ? "Stages" : "RetortTesting") else { return }
    let errors = try checker.errors(in: source)
    for (line, fragment) in expected.sorted(by: { $0.key < $1.key }) {
      let messages = errors.filter { $0.line == line }.map(\.message)
      #expect(messages.contains { $0.contains(fragment) }, "\(file):\(line) says \(messages), not “\(fragment)”")
    }
    for error in errors where expected[error.line] == nil {
      Issue.record("\(file):\(error.line) is not marked as wrong: \(error.message)")
    }
  }
}
