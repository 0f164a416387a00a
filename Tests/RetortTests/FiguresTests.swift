import Testing

@testable import Retort

@Suite("Numbers as people read them")
struct FiguresTests {
  @Test(arguments: [
    (0.2, "a second"), (8, "8 s"), (89, "89 s"), (90, "2 min"), (720, "12 min"), (5400, "1 h 30 min"), (7200, "2 h"),
    (8000, "2 h 15 min"), (.infinity, "–"), (-1, "–"),
  ])
  func roughDurations(seconds: Double, text: String) {
    #expect(Figures.roughDuration(seconds) == text)
  }

  @Test(arguments: [
    (0.0, 0, "0"), (1.0, 2, "1.00"), (-0.004, 2, "0.00"), (-1.5, 1, "-1.5"), (2.345, 1, "2.3"), (0.05, 1, "0.1"),
    (1234.5, 0, "1235"), (.nan, 1, "–"), (.infinity, 1, "∞"),
  ])
  func fixed(value: Double, digits: Int, text: String) { #expect(Figures.fixed(value, digits) == text) }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func count(value: Int, text: String) { #expect(Figures.count(value) == text) }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (23_400_000, "23.4 MB"), (999_600, "1.00 MB"),
    (1_500_000_000, "1.50 GB"),
  ])
  func bytes(value: Int, text: String) { #expect(Figures.bytes(value) == text) }

  @Test(arguments: [
    (0.008, "8 ms"), (0.9996, "1.0 s"), (4.24, "4.2 s"), (59.97, "1 min 00 s"), (185.0, "3 min 05 s"),
    (8040.0, "2 h 14 min"), (90_000.0, "1 d 01 h"), (-1.0, "–"),
  ])
  func duration(value: Double, text: String) { #expect(Figures.duration(value) == text) }

  @Test(arguments: [(4.0, "0:04"), (185.4, "3:05"), (8040.0, "2:14:00"), (.infinity, "–")])
  func clock(value: Double, text: String) { #expect(Figures.clock(value) == text) }
}

@Suite("JSON lines")
struct JSONLineTests {
  @Test func order() {
    let value = JSONLine.fields(["b": 1, "a": .array([.null, true]), "left out": nil, "c": .number(0.5)])
    #expect(value.line == #"{"b": 1, "a": [null, true], "c": 0.5}"#)
  }

  @Test func escapes() {
    #expect(JSONLine.string("a\"b\\c\nd\te\u{1}ü\u{1F600}").line == "\"a\\\"b\\\\c\\nd\\te\\u0001ü\u{1F600}\"")
  }

  @Test func onlyFiniteNumbers() {
    #expect(JSONLine.array([.number(.nan), .number(.infinity)]).line == "[null, null]")
  }
}

@Suite("What was meant")
struct SuggestionTests {
  @Test(arguments: [("plam", "plan"), ("stauts", "status"), ("PLAN", "plan"), ("techer", "teacher")])
  func near(word: String, meant: String) {
    #expect(Suggestion.nearest(to: word, among: ["plan", "status", "teacher", "student"]) == meant)
  }

  @Test func far() { #expect(Suggestion.nearest(to: "export", among: ["plan", "status"]) == nil) }

  @Test func allWhereFew() {
    #expect(
      Suggestion.hint(for: "zzz", among: ["a-long-name", "b-long-name"], noun: "stage")
        == "Known: a-long-name, b-long-name.")
  }
}
