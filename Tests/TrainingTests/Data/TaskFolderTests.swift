import Artifacts
import Foundation
import RetortTesting
import Testing

@testable import Training

struct TaskFolderTests {
  private static let examples = [
    LabelledExample("a \"b\" \\ \u{1} \t é 🙂", pair: "c\nd", target: .label(1)),
    LabelledExample("none"), LabelledExample("v", pair: "w", target: .value(-2.5)),
    LabelledExample(words: ["x y", "z"], tags: [0, -100]),
  ]

  /// The bytes by hand: one example a line, fields in order, controls escaped.
  @Test func theLines() throws {
    var bytes: [UInt8] = []
    for example in Self.examples { ExampleLine.write(example, to: &bytes) }
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        {"label":1,"pair":"c\\nd","text":"a \\"b\\" \\\\ \\u0001 \\t é 🙂"}
        {"text":"none"}
        {"pair":"w","text":"v","value":-2.5}
        {"tags":[0,-100],"words":["x y","z"]}

        """)
  }

  @Test func writtenAndReadBack() throws {
    let folder = FilePath(FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path)
    try Files.makeFolder(folder)
    defer { try? Files.remove(folder) }
    var grouped = LabelledExample("q", pair: "p", target: .value(2))
    grouped.group = "7"
    let writer = try TaskWriter<Ranking>(to: folder)
    try writer.append(grouped)
    let data = try writer.finish(labels: [], unretrieved: ["7": [1], "8": [2, 1]])
    #expect(try data.examples() == [grouped])
    #expect(try data.schema().unretrieved == ["7": [1], "8": [2, 1]])
    #expect(data.facts.examples == 1 && data.facts.isPaired == true && data.facts.labels == nil)
    // A set without what was missed says nothing of it.
    let plain = try TaskData<Ranking>(writing: [grouped], labels: [], to: folder)
    #expect(try plain.schema().unretrieved == nil)
    let text = String(decoding: try Files.read(folder.appending("schema.json")), as: UTF8.self)
    #expect(text == "{\"examples\":1,\"isPaired\":true,\"kind\":\"ranking\",\"labels\":[]}\n")
  }

  private static let schemas = [
    #"{"examples":2,"isPaired":false,"kind":"tagging","labels":["O","B-X"]}"#,
    #"{"examples":2,"isPaired":true,"kind":"tagging","labels":[],"unretrieved":{"q":[1,2.5]}}"#,
  ]
  private static let lines =
    #"{"tags":[0,1],"words":["a","b"]}"# + "\n" + #"{"label":1,"pair":"x","text":"y","group":"g","value":1e3}"# + "\n"

  @Test("Folders with changed bytes are read, or refused with the file") func fuzz() {
    var dice = FuzzDice(seed: 5)
    let tokens = ["{", "}", "[", "]", "\"", ":", ",", "\n", "-1", "1e999", "null", "true", "\\u0000", "\0"]
    var read = 0
    for run in 0..<FuzzRuns.count() {
      let schemaBytes = run % 2 == 0 ? Array(Self.schemas[run / 2 % 2].utf8) : Array(Self.schemas[0].utf8)
      do {
        let schema = try TaskData<Tagging>.schema(
          run % 4 == 0 ? dice.mutated(schemaBytes, with: tokens) : schemaBytes, named: "schema")
        var lines = LineReader(
          bytes: run % 4 == 0 ? Array(Self.lines.utf8) : dice.mutated(Array(Self.lines.utf8), with: tokens),
          named: "examples")
        try TaskData<Tagging>.forEachExample(of: schema, in: &lines) { example in
          if case .tags(let tags) = example.target { #expect(tags.count == example.words.count) }
          read += 1
        }
      } catch let error as RetortError {
        #expect(["schema", "examples"].contains(error.place.file))
        #expect(!error.message.isEmpty && !error.remedy.isEmpty)
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(read > 0)
  }
}
