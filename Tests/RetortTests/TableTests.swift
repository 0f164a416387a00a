import Testing

@testable import Retort

@Suite("Tables at 80 columns")
struct TableTests {
  static let columns: [Table.Column] = [
    .init("model"), .init("parameters", isNumber: true), .init("size", isNumber: true),
    .init("note", dispensability: 1),
  ]

  @Test func aligns() {
    let table = Table(
      Self.columns, rows: [["teacher", "22,713,986", "90.9 MB", "f32"], ["int8", "3,100", "812 B", ""]])
    #expect(
      table.lines(width: 80) == [
        "model    parameters     size  note",
        "teacher  22,713,986  90.9 MB  f32",
        "int8          3,100    812 B",
      ])
  }

  @Test func leavesOutWhatIsDispensableBeforeItCuts() {
    let long = String(repeating: "x", count: 60)
    let lines = Table(Self.columns, rows: [[long, "22,713,986", "90.9 MB", "something long"]]).lines(width: 80)
    #expect(lines.allSatisfy { TextWidth.of($0) <= 80 })
    #expect(!lines[0].contains("note"))
    let narrow = Table(Self.columns, rows: [[long, "22,713,986", "90.9 MB", "n"]]).lines(width: 40)
    #expect(narrow[1] == String(repeating: "x", count: 18) + "…  22,713,986  90.9 MB")
  }

  @Test func countsColumnsNotBytes() {
    let table = Table([.init("a"), .init("b")], rows: [["日本", "x"], ["é", "y"]])
    #expect(table.lines(width: 80) == ["a     b", "日本  x", "é     y"])
  }

  @Test func unlimitedInAPipe() {
    let long = String(repeating: "x", count: 300)
    #expect(Table([.init("a")], rows: [[long]]).lines(width: nil)[1] == long)
  }
}
