import Artifacts
import Foundation
import Models
import Tensors
import Testing

@Suite("retort evaluate and retort predict, for models of every kind", .serialized)
struct EvaluateTests {
  private static let words =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "rome", "paris", "walks", "in", "##s", "good", "bad", "film"]

  /// A model with weights at random: what it answers is no matter, as long as it is counted rightly.
  private func write(
    _ head: BertHead, labels: [String] = [], to name: String, in folder: TemporaryFolder, seed: UInt64 = 1
  )
    throws
  {
    var configuration = BertConfiguration(
      vocabularySize: Self.words.count, hiddenSize: 8, layerCount: 1, headCount: 2, intermediateSize: 12,
      maximumPositions: 32)
    (configuration.initializerRange, configuration.labels) = (0.5, labels)
    let bert = try Bert(configuration, head: head)
    let path = folder.url.appending(path: name)
    try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    try BertCheckpoint(bert, values: bert.initialValues(seed: seed)).write(to: FilePath(path.path))
    try BertTokenizer(table: TokenTable(Self.words)).write(to: FilePath(path.path))
  }

  private func retort(_ arguments: [String], in folder: TemporaryFolder, fails: Bool = false) throws
    -> BuiltProgram.Result
  {
    let result = try BuiltProgram("retort", in: folder.url).run(arguments)
    #expect((result.status != 0) == fails && !result.wasKilled, "\(arguments): \(result.errors)\(result.output)")
    return result
  }

  private func object(_ result: BuiltProgram.Result) throws -> [String: Any] {
    let line = try #require(result.lines.last)
    return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  private func write(_ text: String, to name: String, in folder: TemporaryFolder) throws {
    try Data(text.utf8).write(to: folder.url.appending(path: name))
  }

  private func rows(_ name: String, in folder: TemporaryFolder) throws -> [[String]] {
    let text = try String(contentsOf: folder.url.appending(path: name), encoding: .utf8)
    return text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
  }

  @Test func aClassifierAgainstAnother() throws {
    let folder = try TemporaryFolder("classes")
    try write(.classifier(labels: 2), labels: ["no", "yes"], to: "one", in: folder)
    try write(.classifier(labels: 2), labels: ["no", "yes"], to: "two", in: folder, seed: 2)
    let texts = ["good film", "bad film", "rome", "paris in", "good", "bad bad", "films", "walks", "in in", "good bad"]
    let lines = texts.enumerated().map { "\($1),\(["no", "yes"][$0 % 2]),\"x, y\"" }
    try write((["sentence,same,other"] + lines).joined(separator: "\n") + "\n", to: "data.csv", in: folder)
    let arguments = [
      "evaluate", "one", "--data", "data.csv", "--text", "sentence", "--label", "same", "--against", "two", "--metric",
      "f1",
    ]
    let result = try retort(arguments + ["--json", "--predictions", "p.tsv"], in: folder)
    #expect(result.errors.contains("sentences/s") && result.lines.count == 1)
    let found = try object(result)
    #expect(found["task"] as? String == "classification" && found["metric"] as? String == "f1")
    #expect(found["examples"] as? Int == 10 && (found["difference_interval"] as? [Double])?.count == 2)
    // The file of predictions gives the scores again.
    let rows = try rows("p.tsv", in: folder)
    #expect(rows[0] == ["index", "label", "prediction", "logits"] && rows.count == 11)
    #expect(rows.dropFirst().map { $0[1] } == (0..<10).map { "\($0 % 2)" })
    for row in rows.dropFirst() {
      let logits = row[3].split(separator: " ").compactMap { Double($0) }
      #expect(logits.count == 2 && row[2] == (logits[1] > logits[0] ? "1" : "0"))
    }
    let right = Double(rows.dropFirst().count { $0[1] == $0[2] }) / 10
    let scores = found["scores"] as? [[String: Any]] ?? []
    #expect(scores.first { $0["metric"] as? String == "accuracy" }?["value"] as? Double == right)
    let hits = Double(rows.dropFirst().count { $0[1] == "1" && $0[2] == "1" })
    let chosen = Double(rows.dropFirst().count { $0[2] == "1" })
    #expect(abs((found["score"] as? Double ?? -1) - 2 * hits / (5 + chosen)) < 1e-12)
    // Labels by number, columns by number, no header; the same answers.
    let numbers = texts.enumerated().map { "\($0 % 2)\t\($1)" }.joined(separator: "\n")
    try write(numbers, to: "numbers.tsv", in: folder)
    let again = try retort(
      [
        "evaluate", "one", "--data", "numbers.tsv", "--text", "2", "--label", "1", "--json", "--quiet", "--predictions",
        "q.tsv",
      ], in: folder)
    #expect(again.errors.isEmpty)
    #expect(try self.rows("q.tsv", in: folder) == rows)
    let table = try retort(arguments, in: folder)
    for part in ["10 examples", "F1 to two", "agreement with two", "F1 of yes"] {
      #expect(table.output.contains(part), "\(table.output)")
    }
  }

  @Test func numbersAndRankings() throws {
    let folder = try TemporaryFolder("numbers")
    try write(.regression, to: "model", in: folder)
    let lines = (0..<12).map { row in
      let text = ["good", "bad film", "rome", "in paris"][row % 4]
      return
        #"{"a": "\#(text)", "b": "\#(["walks", "film", "films"][row % 3])", "score": \#(Double(row) / 2), "q": "q\#(row / 4)"}"#
    }
    try write(lines.joined(separator: "\n") + "\n", to: "data.jsonl", in: folder)
    let columns = ["--data", "data.jsonl", "--text", "a", "--pair", "b", "--label", "score", "--json", "--quiet"]
    let values = try object(retort(["evaluate", "model"] + columns, in: folder))
    #expect(values["task"] as? String == "regression" && values["metric"] as? String == "spearman")
    let ranked = try object(
      retort(
        ["evaluate", "model", "--group", "q", "--metric", "mrr", "--predictions", "r.tsv"] + columns, in: folder))
    #expect(ranked["task"] as? String == "ranking" && ranked["units"] as? Int == 3)
    #expect(ranked["examples"] as? Int == 12 && ranked["left_out"] == nil)
    // The reciprocal rank of each query, from the file.
    let rows = try rows("r.tsv", in: folder)
    #expect(rows[0] == ["index", "query", "label", "prediction"])
    let queries = Dictionary(grouping: rows.dropFirst()) { $0[1] }
    let reciprocal = queries.values.map { rows -> Double in
      let order = rows.sorted { (Double($0[3]) ?? 0) > (Double($1[3]) ?? 0) }
      return 1 / Double((order.firstIndex { (Double($0[2]) ?? 0) > 0 } ?? 0) + 1)
    }
    #expect(abs((ranked["score"] as? Double ?? -1) - reciprocal.reduce(0, +) / 3) < 1e-9)
    // Asked by hand it says the same.
    let asked = try object(
      retort(["predict", "model", "--pair", "good", "walks", "--json"], in: folder))
    #expect(asked["pair"] as? String == "walks")
    #expect(abs((asked["value"] as? Double ?? 9) - (Double(rows[1][3]) ?? 0)) < 1e-4)
  }

  @Test func taggedWords() throws {
    let folder = try TemporaryFolder("tags")
    let labels = ["O", "B-LOC", "I-LOC"]
    try write(.tagger(labels: 3), labels: labels, to: "model", in: folder)
    try write("walks O\nin O\nRome B-LOC\n\nParis B-LOC\nfilms O\n", to: "data.conll", in: folder)
    let found = try object(
      retort(
        ["evaluate", "model", "--data", "data.conll", "--json", "--quiet", "--predictions", "p.tsv"], in: folder))
    #expect(found["task"] as? String == "tagging" && found["metric"] as? String == "entityF1")
    #expect(found["units"] as? Int == 2)
    let rows = try rows("p.tsv", in: folder)
    #expect(rows.dropFirst().map { $0[1] } == ["O O B-LOC", "B-LOC O"])
    // Words with their tags, as the file of predictions has them.
    try write("walks in Rome\n\nParis films\n", to: "texts.txt", in: folder)
    let said = try retort(["predict", "model", "--file", "texts.txt"], in: folder)
    #expect(said.errors.contains("2 texts") && said.errors.contains("sentences/s"))
    let blocks = said.output.components(separatedBy: "\n\n").map {
      $0.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    }
    #expect(blocks[0].map { $0[0] } == ["walks", "in", "Rome"])
    #expect(blocks[0].map { $0[1] }.joined(separator: " ") == rows[1][2])
    #expect(blocks[1].map { $0[1] }.joined(separator: " ") == rows[2][2])
    let json = try retort(["predict", "model", "--file", "texts.txt", "--json", "-q"], in: folder)
    #expect(json.errors.isEmpty && json.lines.count == 2)
    #expect(try object(json)["words"] as? [String] == ["Paris", "films"])
  }

  @Test func whatDoesNotFitIsSaid() throws {
    let folder = try TemporaryFolder("faults")
    try write(.classifier(labels: 2), labels: ["no", "yes"], to: "model", in: folder)
    try write(.classifier(labels: 2), labels: ["a", "b"], to: "other", in: folder)
    try write(.tagger(labels: 3), labels: ["O", "B-a", "I-a"], to: "tagger", in: folder)
    try write(.encoder, to: "encoder", in: folder)
    try write("text\tlabel\ngood\tyes\nbad\tmaybe\n", to: "odd.tsv", in: folder)
    try write("text\tlabel\ngood\tyes\nbad\tno\n", to: "data.tsv", in: folder)
    try write("one text\n", to: "single.txt", in: folder)
    for (arguments, parts) in [
      (["evaluate", "model", "--data", "none.tsv"], ["none.tsv"]),
      (["evaluate", "model", "--data", "odd.tsv"], ["maybe", "odd.tsv:3"]),
      (["evaluate", "model", "--data", "data.tsv", "--text", "sentence"], ["sentence", "data.tsv"]),
      (["evaluate", "model", "--data", "data.tsv", "--metric", "spearman"], ["spearman", "accuracy"]),
      (["evaluate", "model", "--data", "data.tsv", "--metric", "best"], ["best"]),
      (["evaluate", "model", "--data", "data.tsv", "--task", "tagging"], ["classifier"]),
      (["evaluate", "model", "--data", "data.tsv", "--against", "other"], ["labels"]),
      (["evaluate", "tagger", "--data", "data.tsv"], ["data.tsv"]),
      (["evaluate", "encoder", "--data", "data.tsv"], ["Fine-tune"]),
      (["predict", "encoder", "good"], ["Fine-tune"]),
      (["predict", "model", "--pair", "--file", "single.txt"], ["single.txt:1", "tab"]),
      (["predict", "model", "--pair", "one"], ["two texts"]),
    ] {
      let result = try retort(arguments, in: folder, fails: true)
      for part in parts { #expect(result.errors.contains(part), "\(arguments): \(result.errors)") }
    }
  }
}
