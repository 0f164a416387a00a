import Testing

@testable import Supervising

@Suite("Lines of a program's output")
struct LineBreakerTests {
  /// The lines of `bytes`, given in pieces of these sizes, again and again.
  private func lines(_ bytes: [UInt8], pieces: [Int]) -> [String] {
    var breaker = LineBreaker()
    var lines: [String] = []
    var (start, turn) = (0, 0)
    while start < bytes.count {
      let end = min(bytes.count, start + pieces[turn % pieces.count])
      bytes[start..<end].withUnsafeBytes { piece in breaker.add(piece) { lines.append($0) } }
      (start, turn) = (end, turn + 1)
    }
    breaker.end { lines.append($0) }
    return lines
  }

  @Test(arguments: [
    ("", []), ("\n", [""]), ("a", ["a"]), ("a\nb", ["a", "b"]), ("a\n\nb\n", ["a", "", "b"]),
    ("a\r\nb\r\n", ["a", "b"]),
    ("10%\r50%\r100%\ndone\n", ["100%", "done"]), ("10%\r", ["10%"]), ("é\u{1F600}\n", ["é\u{1F600}"]),
  ])
  func forms(text: String, expected: [String]) {
    for pieces in [[1], [2, 3], [100]] { #expect(lines(Array(text.utf8), pieces: pieces) == expected, "\(pieces)") }
  }

  @Test func bytesThatAreNoText() {
    #expect(lines([0xFF, 0x61, 10, 0xC3, 10, 0, 10], pieces: [1]) == ["\u{FFFD}a", "\u{FFFD}", "\0"])
  }

  /// However the bytes arrive, the lines are those that splitting the whole gives.
  @Test func piecesDoNotMatter() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let alphabet: [UInt8] = [10, 97, 98, 0xE2, 0x82, 0xAC]
      let bytes: [UInt8] = (0..<Int.random(in: 0...200, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? 10
      }
      var expected = bytes.split(separator: UInt8(10), omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
      // What follows the last line end is a line only if it has something in it.
      if expected.last == "" { expected.removeLast() }
      let pieces = (0..<5).map { _ in Int.random(in: 1...40, using: &random) }
      #expect(lines(bytes, pieces: pieces) == expected, "\(bytes) in \(pieces)")
    }
  }

  @Test func longLinesComeInPieces() {
    let text = String(repeating: "x€", count: 20_000)
    let found = lines(Array(text.utf8) + [10, 97], pieces: [7_001])
    #expect(found.dropLast().joined() == text && found.last == "a")
    #expect(found.allSatisfy { $0.utf8.count <= LineBreaker.limit } && found.count == 80_000 / LineBreaker.limit + 2)
  }

  @Test func aProgressBarWithoutEndTakesNoRoom() {
    let bars = (0..<10_000).flatMap { Array("\r\($0) of 10000 rows".utf8) }
    #expect(lines(bars, pieces: [4096]) == ["9999 of 10000 rows"])
  }
}
