import Artifacts
import Testing

@Suite struct TrimmingTests {
  @Test(arguments: [
    ("", ""), (" ", ""), ("a", "a"), ("  a b\t\n", "a b"), ("\r\n\u{a0}ä\u{2009}", "ä"), ("a ", "a"), (" a", "a"),
  ])
  func whiteSpace(text: String, trimmed: String) {
    #expect(text.trimmed == trimmed)
    #expect(text[...].trimmed == trimmed)
  }

  @Test func chosenOnes() {
    #expect("'\"mit\"'".trimmed { "'\"".contains($0) } == "mit")
    #expect("'''".trimmed { $0 == "'" } == "")
  }
}
