import Artifacts
import RetortTesting
import Testing
import Training

@testable import Stages

@Suite("Task files with changed bytes")
struct TaskReaderFuzzTests {
  private static let tabs = ["\t", "\n", "\r\n", "\"", "\u{FEFF}", "\0", "nan", "-1", "1e400", " "]
  private static let json = ["{", "}", "[", "]", "\"", ":", ",", "\\u12", "1e5", "null", "\n", "\0", "\"a.b\""]

  /// Reads changed copies of a text: each gives rows that are whole, or an error with place, sentence and remedy.
  private func fuzz<Kind: TaskKind>(_ format: TaskFormat<Kind>, _ text: String, _ tokens: [String], seed: UInt64) {
    var dice = FuzzDice(seed: seed)
    var (read, refused) = (0, 0)
    for _ in 0..<FuzzRuns.count() {
      let bytes = dice.mutated(Array(text.utf8), with: tokens)
      do {
        var reader = try TaskReader(
          LineReader(bytes: bytes, named: "table", encoding: format.encoding), format: format)
        var rows = 0
        try reader.forEach { row in
          rows += 1
          switch row.target {
          case .label(let label): #expect(!label.isEmpty && !row.text.isEmpty)
          case .value(let value): #expect(value.isFinite && !row.text.isEmpty)
          case .tags(let tags): #expect(tags.count == row.words.count && !tags.isEmpty)
          }
        }
        #expect(rows <= bytes.count)
        read += 1
      } catch let error as RetortError {
        #expect(error.place.file == "table" && !error.message.isEmpty && !error.remedy.isEmpty)
        #expect(error.blame == .input)
        refused += 1
      } catch {
        Issue.record("\(error)")
      }
    }
    // The changes are neither all harmless nor all fatal.
    if FuzzRuns.count() > 100 { #expect(read > FuzzRuns.count() / 50 && refused > FuzzRuns.count() / 50) }
  }

  @Test func tsv() {
    fuzz(
      .tsv(text: "sentence", group: "id"), "sentence\tlabel\tid\na good film\t1\tx\na naïve one\t0\ty\r\n漢字\t1\tz\n",
      Self.tabs, seed: 1)
  }

  @Test func headerlessNumbers() {
    fuzz(
      .tsv(text: 2, pair: 4, value: 1, range: -5...5, ragged: .read), "1.5\ta\tx\tb\n-2e0\tc\ty\td\tmore\n3\te\tz\tf",
      Self.tabs, seed: 2)
  }

  @Test func csv() {
    fuzz(
      .csv(query: "q", candidate: "p", grade: "g"), "q,p,g\n\"a, \"\"b\"\"\",\"c\nd\",1\ne,f,0\r\n\"h\",g,2\n",
      Self.tabs + [",", "\"\""], seed: 3)
  }

  @Test func jsonLines() {
    fuzz(
      .jsonLines(text: "a.b", label: "label"),
      #"{"a": {"b": "a good film"}, "label": 1}"# + "\n" + #"{"label": "0", "a.b": "a \"dull\" one\u00e9"}"# + "\n\n",
      Self.json, seed: 4)
  }

  @Test func jsonSentences() {
    fuzz(
      .jsonLines(words: "w", tags: "t", labels: [.init("0", "O"), .init("1", "B-x"), .init("2", "I-x")]),
      #"{"w": ["a", "b"], "t": [1, 2]}"# + "\n" + #"{"t": ["0"], "w": ["é"]}"# + "\n", Self.json, seed: 5)
  }

  @Test func labelledLines() {
    fuzz(
      .labelledLines(upTo: ":", encoding: .latin1), "DESC:manner How ?\nENTY:x What caf\u{E9}\n0 more\n",
      Self.tabs + [":", " "], seed: 6)
  }

  @Test func conll() {
    fuzz(
      .conll(scheme: .bioes, comment: "#"),
      "# note\nJohn B-PER\nSmith E-PER\n-DOCSTART- O\n\nin O\nRome S-LOC\n \nx O\n",
      Self.tabs + ["\n\n", "-DOCSTART-", "#", "B-", "S-PER", "O"], seed: 7)
  }

  @Test func conllU() {
    fuzz(
      .conllU(tag: 3), "# text\n1-2\tdon't\t_\n1\tdo\tAUX\n2\tn't\tPART\n2.1\t_\tX\n\n1\tgo\tVERB\n",
      Self.tabs + ["-", ".", "#", "\n\n"], seed: 8)
  }

  @Test func wikiQA() {
    fuzz(.wikiQASentences, "who ?\tI .\t1\nwho ?\tyou .\t0\nwhat ?\tthat\t0\n", Self.tabs, seed: 9)
  }
}
