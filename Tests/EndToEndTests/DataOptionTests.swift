import Foundation
import Testing

@Suite("The quickstart on data of the user's own: --data FILE", .serialized)
struct DataOptionTests {
  /// Reviews of two classes with some words in common: enough for every stage at its tiny size.
  static let good: String = {
    let (nice, poor) = (["fine", "lovely", "clever", "warm"], ["dull", "poor", "clumsy", "cold"])
    let things = ["film", "plot", "cast", "score", "scene", "ending", "story", "dialogue"]
    var rows = ["sentence\tlabel"]
    for (index, thing) in things.enumerated() {
      for (number, word) in nice.enumerated() {
        rows.append("the \(thing) is \(word) and the \(things[(index + number) % 8]) too\tgood")
        rows.append("a \(poor[number]) \(thing) with a \(poor[(number + index) % 4]) touch\tbad")
      }
    }
    return rows.joined(separator: "\n") + "\n"
  }()

  private func run(_ bytes: [UInt8]?, _ extra: [String] = []) throws -> (
    BuiltProgram.Result, Quickstart, TemporaryFolder
  ) {
    let folder = try TemporaryFolder("data")
    if let bytes { try Data(bytes).write(to: folder.url.appending(path: "mine.tsv")) }
    let quickstart = Quickstart(in: folder.url)
    return (try quickstart.run(["--data", "mine.tsv"] + extra), quickstart, folder)
  }

  @Test("A good file goes all the way; edits of it run what depends on them and nothing else")
  func goodFile() throws {
    let (first, quickstart, folder) = try run(Array(Self.good.utf8))
    #expect(first.status == 0, "\(first.errors)")
    let summary = try Summary(first)
    #expect(summary.models.map(\.label) == ["teacher", "student", "pruned", "compact", "int8"])
    #expect(summary.stages.failed == 0)
    // The same content at another time is the same file.
    let path = folder.url.appending(path: "mine.tsv")
    try Data(Self.good.utf8).write(to: path)
    #expect(try Summary(try quickstart.succeed(["--data", "mine.tsv"])).stages.ran == 0)
    // A blank line changes the file and not the reviews: the import runs, and everything below it is cut off.
    try Data((Self.good + "\n").utf8).write(to: path)
    #expect(try Digests(try quickstart.succeed(["--data", "mine.tsv"])).executed == ["reviews"])
  }

  struct Wrong: CustomTestStringConvertible, Sendable {
    var name: String
    /// Nil for no file at all.
    var bytes: [UInt8]?
    /// What the sentence must hold.
    var words: String

    init(_ name: String, _ bytes: [UInt8]?, _ words: String) {
      (self.name, self.bytes, self.words) = (name, bytes, words)
    }
    init(_ name: String, _ text: String, _ words: String) { self.init(name, Array(text.utf8), words) }

    var testDescription: String { name }
  }

  static let wrong: [Wrong] = [
    Wrong("missing", nil, "mine.tsv"),
    Wrong("empty", "", "header"),
    Wrong("line ends alone", "\r\n\r\n", "header"),
    Wrong("a header alone", "sentence\tlabel\n", "no examples"),
    Wrong("truncated in a row", String(good.dropLast(6)), "fields"),
    Wrong("truncated in a character", Array("sentence\tlabel\nfine\tgood\ncaf".utf8) + [0xC3], "UTF-8"),
    Wrong("Latin-1", Array("sentence\tlabel\nfine\tgood\ncaf".utf8) + [0xE9] + Array("\tbad\n".utf8), "UTF-8"),
    Wrong("UTF-16", [0xFF, 0xFE] + Array("s\0e\0n\0".utf8), "UTF-"),
    Wrong("compressed", [0x1F, 0x8B, 0x08, 0x00, 0xFF, 0xD8, 0x00, 0x00, 0x00, 0x03], "UTF-8"),
    Wrong("zero bytes", Array("sentence\tlabel\nfi".utf8) + [0, 0] + Array("\tgood\n".utf8), "zero"),
    Wrong("one class", "sentence\tlabel\nfine\tgood\nlovely\tgood\nwarm\tgood\n", "label"),
    Wrong("no column of texts", "text\tlabel\nfine\tgood\ndull\tbad\n", "sentence"),
    Wrong("no column of labels", "sentence\tclass\nfine\tgood\ndull\tbad\n", "label"),
    Wrong("commas", "sentence,label\nfine,good\ndull,bad\n", "tabs"),
    Wrong("a column twice", "sentence\tlabel\tlabel\nfine\tgood\tgood\n", "twice"),
    Wrong("a field too many", "sentence\tlabel\nfine\tgood\tx\ndull\tbad\n", "fields"),
    Wrong("an empty text", "sentence\tlabel\n \tgood\ndull\tbad\n", "mine.tsv"),
    Wrong("an empty label", "sentence\tlabel\nfine\t\ndull\tbad\n", "label"),
    Wrong("a label for each row", "sentence\tlabel\n" + (0...1_000).map { "t\t\($0)\n" }.joined(), "labels"),
  ]

  @Test("A bad file ends in a sentence, with an exit code and a cache that is whole", arguments: wrong)
  func badFile(_ wrong: Wrong) throws {
    let (result, quickstart, folder) = try run(wrong.bytes)
    #expect(!result.wasKilled)
    #expect(result.status == 1 || result.status == 2, "\(result.status)")
    let all = result.errors + result.output
    #expect(all.contains(wrong.words), "\(all)")
    #expect(all.contains("mine.tsv"), "\(all)")
    try expectJSON(result)
    if FileManager.default.fileExists(atPath: folder.url.appending(path: "cache").path) {
      #expect(try quickstart.verify().status == 0)
    }
    // The failure is no result: with a good file the same cache serves.
    guard wrong.name == "empty" || wrong.name == "one class" else { return }
    try Data(Self.good.utf8).write(to: folder.url.appending(path: "mine.tsv"))
    #expect(try Summary(try quickstart.succeed(["--data", "mine.tsv"])).stages.failed == 0)
  }

  @Test("A folder in place of a file")
  func folder() throws {
    let folder = try TemporaryFolder("data")
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "mine.tsv"), withIntermediateDirectories: true)
    let result = try Quickstart(in: folder.url).run(["--data", "mine.tsv"])
    #expect(result.status == 1 || result.status == 2)
    #expect((result.errors + result.output).contains("mine.tsv"))
  }

  private func expectJSON(_ result: BuiltProgram.Result) throws {
    for line in result.lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
  }
}
