import Artifacts
import RetortTesting
import Testing
import Training

@testable import Stages

struct TableReaderTests {
  private func rows(_ text: String, _ syntax: TableSyntax) throws -> [[String]] {
    var reader = TableReader(LineReader(bytes: Array(text.utf8), named: "f"), syntax)
    var rows: [[String]] = []
    while let row = try reader.next() {
      rows.append(row.fields.indices.map { row.text($0, isQuoted: syntax.isQuoted) })
    }
    return rows
  }

  private let csv = TableSyntax(delimiter: ",", isQuoted: true)

  /// The rules of RFC 4180 §2, in its order and with its examples.
  @Test func theExamplesOfTheStandard() throws {
    #expect(try rows("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", csv) == [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]])
    #expect(try rows("aaa,bbb,ccc\r\nzzz,yyy,xxx", csv) == [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]])
    #expect(try rows("aaa,bbb , ccc", csv) == [["aaa", "bbb ", " ccc"]])
    #expect(
      try rows("\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx", csv) == [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]])
    #expect(
      try rows("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx", csv) == [["aaa", "b\nbb", "ccc"], ["zzz", "yyy", "xxx"]])
    #expect(try rows("\"aaa\",\"b\"\"bb\",\"ccc\"", csv) == [["aaa", "b\"bb", "ccc"]])
  }

  @Test func emptyValuesAndBlankLines() throws {
    #expect(try rows(",\n\n\"\",\"\"\"\"\na,", csv) == [["", ""], ["", "\""], ["a", ""]])
    #expect(try rows("\u{FEFF}\"a\n\nb\",c\n", csv) == [["a\n\nb", "c"]])
  }

  @Test func withoutQuotingAMarkIsACharacter() throws {
    #expect(try rows("\"a\tb\"\n\"\tc", TableSyntax()) == [["\"a", "b\""], ["\"", "c"]])
    #expect(
      try rows("\"a\tb\"\tc;d\n", TableSyntax(isQuoted: true)) == [["a\tb", "c;d"]])
  }

  @Test(arguments: [
    ("a,b\n\"x\"y,z\n", 2, 4), ("a,b\nx\"y,z\n", 2, 2), ("a,b\né,\"x\ny\n\n", 2, 3), ("a\n\"x\n\"\",\"\"\"z\n", 3, 7),
  ]) func wrongMarks(text: String, line: Int, column: Int) {
    let error = #expect(throws: RetortError.self) { _ = try rows(text, csv) }
    #expect(error?.code == "data.quotes")
    #expect(error?.place == Place(file: "f", line: line, column: column))
    #expect(error?.remedy.isEmpty == false)
  }

  /// Random values, written by the standard's rules, come back.
  @Test func randomTables() throws {
    var dice = FuzzDice(seed: 12)
    let pieces = ["a", "\"", ",", "\n", "é", "漢", " ", "\t", "''", "0"]
    for _ in 0..<500 {
      var table: [[String]] = []
      var text = ""
      for _ in 0..<Int.random(in: 1...4, using: &dice) {
        let row = (0..<3).map { _ in
          (0..<Int.random(in: 0...5, using: &dice)).map { _ in pieces.randomElement(using: &dice) ?? "" }.joined()
        }
        table.append(row)
        text +=
          row.map { value in
            value.contains { "\",\n".contains($0) } || Bool.random(using: &dice)
              ? "\"" + value.replacing("\"", with: "\"\"") + "\"" : value
          }.joined(separator: ",") + (Bool.random(using: &dice) ? "\n" : "\r\n")
      }
      #expect(try rows(text, csv) == table)
    }
  }
}
