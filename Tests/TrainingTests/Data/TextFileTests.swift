import Artifacts
import Testing
import Training

struct TextFileTests {
  private func lines(_ bytes: [UInt8]) throws -> [String] { try TextFile(bytes: bytes, named: "f").lines }

  @Test func lineEndsAndMarks() throws {
    #expect(try lines(Array("a\nb\n".utf8)) == ["a", "b"])
    #expect(try lines(Array("a\r\nb".utf8)) == ["a", "b"])
    #expect(try lines([0xEF, 0xBB, 0xBF] + Array("é\n\nz".utf8)) == ["é", "", "z"])
    #expect(try lines([]) == [])
    #expect(try lines(Array("\n".utf8)) == [""])
    #expect(try lines(Array("a\rb\n".utf8)) == ["a\rb"])
  }

  @Test(arguments: [
    (Array("ok\nab".utf8) + [0xFF] + Array("c\n".utf8), 2, 3), ([0xE9], 1, 1),
    (Array("né".utf8) + [0xC3, 0x28], 1, 3), (Array("x\n\ny".utf8) + [0xF0, 0x9F], 3, 2),
    (Array("a".utf8) + [0] + Array("b".utf8), 1, 2), ([0xFF, 0xFE, 0x61, 0], 1, 1),
    (Array("ok\n".utf8) + [0xED, 0xA0, 0x80], 2, 1),
  ]) func badBytes(bytes: [UInt8], line: Int, column: Int) {
    let error = #expect(throws: RetortError.self) { _ = try lines(bytes) }
    #expect(error?.code == "file.encoding")
    #expect(error?.place == Place(file: "f", line: line, column: column))
    #expect(error?.remedy.isEmpty == false)
  }

  @Test func aMissingFile() {
    let error = #expect(throws: RetortError.self) { _ = try TextFile(reading: "/nowhere/at/all", named: "mine.tsv") }
    #expect(error?.code == "file.missing")
    #expect(error?.place.file == "mine.tsv")
  }
}
