import Foundation
import Testing

@testable import Fingerprinting

/// What counts in a source file, and what does not.
struct TokenTests {
  private func swift(_ text: String) -> UInt64 { SwiftTokens(text).tokens.fingerprint }
  private func c(_ text: String) -> UInt64 { CTokens(text).tokens.fingerprint }

  @Test(arguments: [
    ("let a = 1", "let  a =\n  1 // one"), ("f(a, b)", "f(\n  a,\n  b,\n)"), ("a /* b /* c */ */ + d", "a + d"),
    ("x?.y", "x?\n  .y"), ("[1, 2]", "[\n1,\n2\n]"), ("Set<Set<Int>>()", "Set<\n  Set<Int>\n>()"),
    ("\"a // b\"", "\"a // b\" // c"),
    ("let s = \"\"\"\n  a\n    b\n  \"\"\"", "let s = \"\"\"\n      a\n        b\n      \"\"\""),
    ("#if os(Linux)\nf()\n#endif", "#if os(Linux)  // here\n  f()\n#endif"), ("-x", "  -x"),
    ("a.b(c) { $0 }", "a\n  .b(c) {\n    $0\n  }"),
  ])
  func layoutAndCommentsDoNotCount(one: String, other: String) { #expect(swift(one) == swift(other)) }

  @Test(arguments: [
    ("let a = 1", "let a = 2"), ("a + b", "a - b"), ("a - b", "a\n-b"), ("f (x)", "f\n(x)"), ("\"a b\"", "\"a  b\""),
    ("\"a // b\"", "\"a // c\""), ("let a = 1", "var a = 1"), ("ab", "a b"), ("\"\\(a)\"", "\"\\(b)\""),
    ("#\"\\(a)\"#", "#\"\\(b)\"#"), ("let s = \"\"\"\n  a\n  \"\"\"", "let s = \"\"\"\n  a \n  \"\"\""),
    ("/a\"b/", "/a\"c/"),
    ("0x1F", "0x1E"), ("1e-5", "1e-6"), ("1 ... 2", "1 ..< 2"), ("`in`", "in"),
    ("#if A\nB\n#endif", "#if A && B\n#endif"),
    ("f(1, 2)", "f(12)"), ("/* a", "b"),
  ])
  func whatMeansSomethingCounts(one: String, other: String) { #expect(swift(one) != swift(other)) }

  @Test func cFiles() {
    #expect(c("int a = 1; /* b */") == c("int a\n  =\n  1; // c"))
    #expect(c("#define A \\\n  1\nint b;") == c("#define A 1\nint   b;"))
    for (one, other) in [
      ("#define A 1\nint b;", "#define A 1 int b;"), ("#define F(x) x\n", "#define F (x) x\n"), ("a + +b", "a ++b"),
      ("'a'", "'b'"), ("\"/* a */\"", "\"\""), ("a - b", "a + b"),
    ] { #expect(c(one) != c(other), "\(one) and \(other)") }
  }

  /// Any bytes have tokens, in time that grows with their number.
  @Test func nothingStopsIt() {
    var random = SystemRandomNumberGenerator()
    let pieces = [
      "\"", "\"\"\"", "#\"", "\\(", "/*", "*/", "//", "\n", "(", ")", "{", "}", "/", "é", "a", "1", ".", " ", "`", "'",
    ]
    for _ in 0..<3_000 {
      let text = (0..<Int.random(in: 0..<60, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined()
      #expect(swift(text) == swift(text + "\n") || text.contains("\"") || text.contains("/") || text.contains("`"))
      _ = Declarations(SwiftTokens(text).tokens)
      _ = c(text)
    }
    _ = swift(String(repeating: "\"\\(", count: 5_000))
  }

  /// This package's own sources: more comments and other lines leave them as they are, one word more does not.
  @Test func realSources() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let files = FileManager.default.enumerator(
      at: root.appending(path: "Sources/Planning"), includingPropertiesForKeys: nil)
    var count = 0
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      guard !text.contains("\"\"\"") else { continue }
      let longer = lines.map { $0.contains("\"") ? "\($0)" : "  \($0) // more\n\n" }.joined(separator: "\n")
      #expect(swift(longer) == swift(text), "\(file.lastPathComponent)")
      #expect(swift(text + "\nlet more = 1\n") != swift(text))
      count += 1
    }
    #expect(count > 10)
  }
}
