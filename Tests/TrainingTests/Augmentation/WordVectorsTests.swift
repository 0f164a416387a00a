import Artifacts
import Foundation
import Models
import Testing

@testable import Training

struct WordVectorsTests {
  private func vectors(_ text: String, limit: Int = 100) throws -> WordVectors {
    try WordVectors(bytes: Array(text.utf8), named: "v", limit: limit)
  }

  @Test func neighboursEqualNumPy() throws {
    let golden = try goldenJSON("augmentation/neighbours.json")
    let vectors = try vectors(try #require(golden["file"]?.text))
    #expect(vectors.words.count == 37 && vectors.dimensions == 11)
    let cases = golden["random"]?.items ?? []
    let words = cases.compactMap { $0["word"]?.text }
    #expect(words.count == 3)
    let found = vectors.neighbours(of: words, count: 15)
    for (words, item) in zip(found, cases) { #expect(words == item["neighbours"]?.items.compactMap(\.text)) }
    // Neither neighbours of a call nor their number change an answer.
    let all = vectors.neighbours(of: vectors.words, count: 36)
    for (word, neighbours) in zip(vectors.words, all) {
      #expect(vectors.neighbours(of: [word], count: 7) == [Array(neighbours.prefix(7))])
      #expect(neighbours.count == 36 && !neighbours.contains(word))
    }
  }

  @Test(.enabled(if: dataFolder != nil, "set RETORT_DATA to the folder of public data sets"))
  func glove() throws {
    let path = try #require(dataFolder).appending(path: "glove_slice/glove.6B.50d.slice.txt").path
    let vectors = try WordVectors(reading: FilePath(path))
    #expect(vectors.words.count == 9_163 && vectors.dimensions == 50)
    for item in try goldenJSON("augmentation/neighbours.json")["glove"]?.items ?? [] {
      let found = vectors.neighbours(of: [try #require(item["word"]?.text)], count: 15)
      #expect(found[0] == item["neighbours"]?.items.compactMap(\.text))
    }
    #expect(try WordVectors(reading: FilePath(path), limit: 100).words == Array(vectors.words.prefix(100)))
  }

  @Test func forms() throws {
    let plain = try vectors("a 1 0\nb 0.9 1e-1\nc 0 -2")
    #expect(plain.neighbours(of: ["a", "A", "x", "c"], count: 5) == [["b", "c"], ["b", "c"], [], ["a", "b"]])
    #expect(plain.contains("B") && !plain.contains("x"))
    // A header of counts, line ends of either kind, words with spaces, words that come again, vectors of zeros.
    let odd = try vectors("5 2\r\n. . 1 0\r\nb 1 0.5\n\nb -1 0\nz 0 0\nc 0 1")
    #expect(odd.words == [". .", "b", "z", "c"])
    #expect(odd.neighbours(of: ["b"], count: 2) == [[". .", "c"]])
    #expect(odd.neighbours(of: ["z"], count: 1) == [[". ."]])
    #expect(try vectors("a 1 0\nb 1 1\nc x y", limit: 2).words == ["a", "b"])
  }

  @Test(arguments: [
    ("", 1), ("\n\n", 2), ("a\n", 1), ("a 1 2\nb 1\n", 2), ("a 1 2\nb 1 x\n", 2), ("a 1 nan\n", 1), ("3 2\n", 1),
  ])
  func whatIsNoVectorFile(text: String, line: Int) {
    let error = #expect(throws: RetortError.self) { _ = try vectors(text) }
    #expect(error?.code == "data.vectors" && error?.place == Place(file: "v", line: line))
    #expect(error?.remedy.isEmpty == false)
  }

  @Test func aMissingFile() {
    let error = #expect(throws: RetortError.self) { _ = try WordVectors(reading: "/nowhere/at/all", named: "mine.txt") }
    #expect(error?.code == "file.missing" && error?.place.file == "mine.txt" && error?.remedy.isEmpty == false)
  }

  @Test("spoilt bytes are read, or refused with the line") func fuzz() throws {
    var dice = Dice(12)
    let original = Array("3 2\nfilm 0.5 -1.25\nplot 1e-3 2\r\nnaïve film 3 4\n".utf8)
    for _ in 0..<3_000 {
      let bytes = dice.spoiled(original, with: " \n\r-.e0123456789\u{0}")
      do {
        let vectors = try WordVectors(bytes: bytes, named: "v")
        #expect(vectors.neighbours(of: ["film"], count: 3).allSatisfy { $0.count < vectors.words.count })
      } catch let error as RetortError {
        #expect(error.code == "data.vectors" && error.place.file == "v" && error.place.line != nil)
      }
    }
  }

  /// The file is read in pieces; lines that lie across them are whole.
  @Test func aFileOfSeveralPieces() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "retort-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "vectors.txt")
    let lines = (0..<30_000).map { "word\($0) \($0).0 -1.00000000000000000 0.500000000000000000000" }
    try Data(lines.joined(separator: "\n").utf8).write(to: file)
    let vectors = try WordVectors(reading: FilePath(file.path))
    #expect(vectors.words == lines.map { String($0.prefix { $0 != " " }) })
  }
}
