import Artifacts
import Foundation
import RetortTesting
import Testing
import Training

struct LineReaderTests {
  private func lines(_ reader: LineReader) throws -> [String] {
    var reader = reader
    var lines: [String] = []
    while let line = try reader.nextText() { lines.append(line) }
    return lines
  }

  /// Lines across the borders of chunks, against Foundation's splitting of the whole text.
  @Test func aFileOfSeveralChunks() throws {
    var dice = FuzzDice(seed: 3)
    var text = ""
    var wanted: [String] = []
    for number in 0..<3_000 {
      let line = String(repeating: number % 7 == 0 ? "ä漢🙂" : "word ", count: .random(in: 0...240, using: &dice))
      wanted.append(line)
      text += line + (number % 3 == 0 ? "\r\n" : "\n")
    }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("lines-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(text.utf8).write(to: file)
    #expect(text.utf8.count > 1 << 20)
    #expect(try lines(LineReader(reading: FilePath(file.path))) == wanted)
    #expect(try lines(LineReader(bytes: Array(text.utf8), named: "f")) == wanted)
  }

  @Test func offsetsAndNumbers() throws {
    var reader = LineReader(bytes: [0xEF, 0xBB, 0xBF] + Array("é\r\n\nz".utf8), named: "f")
    var seen: [[Int]] = []
    while try reader.next() != nil { seen.append([reader.number, reader.offset]) }
    #expect(seen == [[1, 3], [2, 7], [3, 8]])
  }

  @Test func latin1() throws {
    let bytes: [UInt8] = [0x63, 0x61, 0x66, 0xE9, 0x0A, 0xFF, 0x80, 0x41]
    #expect(try lines(LineReader(bytes: bytes, named: "f", encoding: .latin1)) == ["café", "\u{FF}\u{80}A"])
    let error = #expect(throws: RetortError.self) {
      _ = try lines(LineReader(bytes: [0xE9, 0, 0x0A], named: "f", encoding: .latin1))
    }
    #expect(error?.code == "file.encoding")
  }

  @Test func aLineWithoutEnd() throws {
    let text = "short\n" + String(repeating: "x", count: 101)
    let error = #expect(throws: RetortError.self) {
      _ = try lines(LineReader(bytes: Array(text.utf8), named: "f", longest: 100))
    }
    #expect(error?.code == "file.long-line" && error?.place == Place(file: "f", line: 2))
    #expect(try lines(LineReader(bytes: Array(text.utf8), named: "f", longest: 101)).count == 2)
  }
}
