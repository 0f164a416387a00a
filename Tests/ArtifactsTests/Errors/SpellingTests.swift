import Testing

@testable import Artifacts

@Suite("Hints for mistyped labels")
struct SpellingTests {
  @Test(
    "Distances",
    arguments: [
      ("", "", 0), ("a", "", 1), ("student", "student", 0), ("studnet", "student", 1), ("stdent", "student", 1),
      ("studdent", "student", 1), ("kitten", "sitting", 3), ("ca", "abc", 3),
    ])
  func distance(left: String, right: String, expected: Int) {
    #expect(Spelling.distance(Array(left), Array(right), atMost: 9) == expected)
    #expect(Spelling.distance(Array(right), Array(left), atMost: 9) == expected)
  }

  @Test("Only near labels are suggested, the nearest first")
  func suggestions() {
    #expect(Spelling.suggestion(for: "studnet", among: ["teacher", "students", "student"]) == "student")
    #expect(Spelling.suggestion(for: "x", among: ["teacher", "student"]) == nil)
    #expect(Spelling.suggestion(for: "b", among: []) == nil)
  }
}
