import Artifacts
import Testing
import Training

@testable import Stages

@Suite("Task files with changed bytes")
struct TaskTableFuzzTests {
  /// SplitMix64, so that a failing seed replays.
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  private static let tables: [(format: TaskFormat, text: String)] = [
    (.tsv(text: "sentence", label: "label"), "sentence\tlabel\na good film\t1\na naïve, dull one\t0\r\n漢字\t1\n"),
    (
      .jsonLines(text: "text", label: "label"),
      #"{"text": "a good film", "label": 1}"# + "\n" + #"{"label": "0", "text": "a \"dull\" one\u00e9"}"# + "\n\n"
    ),
  ]

  @Test("they are read, or refused with the line", arguments: 0..<2)
  func fuzz(kind: Int) throws {
    let (format, text) = Self.tables[kind]
    let original = Array(text.utf8)
    var dice = Dice(state: UInt64(kind) + 9)
    for _ in 0..<3_000 {
      var bytes = original
      for _ in 0..<Int.random(in: 0...3, using: &dice) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &dice)
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: bytes[place] = .random(in: 0...255, using: &dice)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...9, using: &dice)))
        case 2: bytes.insert(Array("\t\n\r\"{}\\\0,".utf8).randomElement(using: &dice) ?? 0, at: place)
        default: bytes += bytes[place...]
        }
      }
      do {
        let table = try TaskTable(TextFile(bytes: bytes, named: "table"), format: format)
        #expect(table.rows.allSatisfy { !$0.text.isEmpty && !$0.label.isEmpty })
      } catch let error as RetortError {
        #expect(error.place.file == "table" && !error.message.isEmpty)
      }
    }
  }
}
