import Artifacts
import Declaring
import Foundation
import RetortTesting
import Testing
import Training

@testable import Stages

struct ImportBEIRTests {
  /// Twelve passages on four topics; a query a topic.
  private func folder(qrels: String, _ scratch: Scratch) throws {
    var corpus = ""
    for number in 0..<12 {
      let topic = ["apple", "river", "engine", "violin"][number % 4]
      corpus += #"{"_id": "d\#(number)", "title": "T\#(number)", "text": "about \#(topic) \#(topic) thing"}"# + "\n"
    }
    _ = try scratch.file("corpus.jsonl", corpus + #"{"_id": "x", "title": "", "text": "unlike all", "metadata": {}}"#)
    _ = try scratch.file(
      "queries.jsonl",
      ["apple", "river", "engine", "violin", "nothing"].map { #"{"_id": "q-\#($0)", "text": "\#($0)?"}"# }
        .joined(separator: "\n"))
    _ = try scratch.file("qrels.tsv", "query-id\tcorpus-id\tscore\r\n" + qrels)
  }

  private let whole = TaskSplit(dev: 0, test: 0)

  @Test func trainingHasJudgedPassagesAndDrawnOnes() async throws {
    let scratch = try Scratch()
    try folder(qrels: "q-apple\td0\t2\r\nq-apple\td1\t0\r\nq-river\td5\t1\r\n", scratch)
    let stage = ImportBEIR(
      at: scratch.folder.path, train: "qrels.tsv", candidates: 3, negatives: 2, split: whole)
    let services = FakeServices()
    let examples = try await services.result(of: stage).train.examples()
    // Apples are passages 0, 4 and 8: of those, 4 and 8 are not judged. Rivers are 1, 5 and 9.
    #expect(examples.map(\.group) == ["q-apple", "q-apple", "q-apple", "q-apple", "q-river", "q-river", "q-river"])
    #expect(examples.map(\.value) == [2, 0, 0, 0, 1, 0, 0])
    #expect(
      examples.map { $0.pair?.split(separator: " ").first.map(String.init) } == [
        "T0", "T1", "T4", "T8", "T5", "T1", "T9",
      ])
    #expect(examples[0].text == "apple?" && examples[0].pair == "T0 about apple apple thing")
  }

  @Test func otherPartsHaveWhatIsRetrieved() async throws {
    let scratch = try Scratch()
    try folder(
      qrels: "q-apple\td4\t1\r\nq-apple\tx\t3\r\nq-apple\td1\t1\r\nq-nothing\td2\t1\r\nq-apple\td8\t0\r\n", scratch)
    let services = FakeServices()
    let result = try await services.result(
      of: ImportBEIR(at: scratch.folder.path, train: nil, test: "qrels.tsv", candidates: 2))
    let examples = try result.test.examples()
    #expect(examples.map(\.pair) == ["T0 about apple apple thing", "T4 about apple apple thing"])
    #expect(examples.map(\.value) == [0, 1])
    #expect(try result.test.schema().unretrieved == ["q-apple": [3, 1], "q-nothing": [1]])
    #expect(try result.train.examples().isEmpty && result.dev.examples().isEmpty)
    #expect(services.journal.metrics["test recall of candidates"] == 0.25)
  }

  @Test func partsAreDrawnByQuery() async throws {
    let scratch = try Scratch()
    try folder(qrels: ["apple", "river", "engine", "violin"].map { "q-\($0)\td0\t1\r\n" }.joined(), scratch)
    func parts(_ seed: Seed) async throws -> [Set<String>] {
      let services = FakeServices()
      let result = try await services.result(
        of: ImportBEIR(at: scratch.folder.path, train: "qrels.tsv", split: TaskSplit(dev: 0.25, test: 0.25), seed: seed)
      )
      return try [result.train, result.dev, result.test].map { Set(try $0.examples().compactMap(\.group)) }
    }
    let first = try await parts(1)
    #expect(first.map(\.count) == [2, 1, 1] && first[0].union(first[1]).union(first[2]).count == 4)
    #expect(try await parts(1) == first)
    var others: Set<[Set<String>]> = []
    for seed in 2..<8 { others.insert(try await parts(Seed(integerLiteral: UInt64(seed)))) }
    #expect(others.count > 1)
  }

  @Test(
    arguments: [
      ("q-apple\td0\t1\nq-pear\td0\t1\n", "data.unknown-id", 3, "query-id"),
      ("q-apple\td99\t1\n", "data.unknown-id", 2, "corpus-id"), ("q-apple\td0\tgood\n", "data.value", 2, "score"),
      ("q-apple\td0\t1\nq-apple\td0\t0\n", "data.duplicate-id", 3, "corpus-id"),
      ("q-apple\td0\n", "data.fields", 2, nil),
      ("", "data.empty", nil, nil),
    ] as [(String, RetortError.Code, Int?, String?)])
  func wrongJudgements(text: String, code: RetortError.Code, line: Int?, field: String?) async throws {
    let scratch = try Scratch()
    try folder(qrels: text, scratch)
    let error = await #expect(throws: RetortError.self) {
      _ = try await FakeServices().result(of: ImportBEIR(at: scratch.folder.path, train: "qrels.tsv"))
    }
    #expect(error?.code == code && error?.place.line == line && error?.remedy.isEmpty == false)
    #expect(error?.place.file?.hasSuffix("qrels.tsv") == true)
    if let field { #expect(error?.place.field == field) }
  }

  @Test(
    arguments: [
      (#"{"_id": "a", "text": "b"}"# + "\n" + #"{"_id": "a", "text": "c"}"#, "data.duplicate-id", 2),
      (#"{"_id": 3, "text": "b"}"#, "data.missing-column", 1), (#"{"_id": "3"}"#, "data.missing-column", 1),
      ("{", "data.json", 1), ("[]", "data.json", 1), ("", "data.empty", nil),
    ] as [(String, RetortError.Code, Int?)])
  func wrongObjects(text: String, code: RetortError.Code, line: Int?) async throws {
    for name in ["corpus.jsonl", "queries.jsonl"] {
      let scratch = try Scratch()
      try folder(qrels: "q-apple\td0\t1\n", scratch)
      _ = try scratch.file(name, text)
      let error = await #expect(throws: RetortError.self) {
        _ = try await FakeServices().result(of: ImportBEIR(at: scratch.folder.path, train: "qrels.tsv"))
      }
      #expect(error?.code == code && error?.place.line == line && error?.place.file?.hasSuffix(name) == true)
      #expect(error?.remedy.isEmpty == false)
    }
  }

  @Test func options() {
    func fields(_ change: (inout ImportBEIR) -> Void) -> [String?] {
      var stage = ImportBEIR(at: "x")
      change(&stage)
      return FakeServices().faults(of: stage).map(\.place.field)
    }
    #expect(fields { _ in }.isEmpty)
    #expect(fields { $0.train = nil } == ["train"])
    #expect(fields { $0.candidates = 0 } == ["candidates"] && fields { $0.negatives = -1 } == ["negatives"])
    #expect(fields { $0.bm25 = BM25Options(k1: -.infinity, b: 2) } == ["bm25.k1", "bm25.b"])
    #expect(fields { $0.split.dev = 1 } == ["split.dev", "split"])
    #expect(ImportBEIR(at: "a/b", train: "/c/q.tsv").train == SourceFile("/c/q.tsv"))
  }

  @Test func theKey() throws {
    let scratch = try Scratch()
    let other = try scratch.file("other", "o")
    for name in ["corpus.jsonl", "queries.jsonl", "qrels.tsv"] { _ = try scratch.file(name, name) }
    try expectKeyCoversEveryProperty(
      of: ImportBEIR(at: scratch.folder.path, train: "qrels.tsv"),
      changing: [
        "corpus": { $0.corpus = other }, "queries": { $0.queries = other }, "train": { $0.train = other },
        "dev": { $0.dev = other }, "test": { $0.test = other }, "candidates": { $0.candidates = 7 },
        "negatives": { $0.negatives = 7 }, "bm25": { $0.bm25.b = 0.7 }, "split": { $0.split.dev = 0.2 },
        "seed": { $0.seed = 7 },
      ])
  }

  @Test("Changed files of a BEIR folder are read, or refused with the place") func fuzz() {
    var dice = FuzzDice(seed: 21)
    let tokens = ["{", "}", "\"", ":", ",", "\n", "\t", "\\u00", "_id", "text", "null", "\0", "q1", "d2"]
    let objects = #"{"_id": "q1", "text": "a"}"# + "\n" + #"{"_id": "q2", "text": "b", "metadata": {}}"# + "\n"
    let judgements = "query-id\tcorpus-id\tscore\r\nq1\td1\t1\r\nq1\td2\t0\nq2\td1\t2\n"
    var read = 0
    for run in 0..<FuzzRuns.count() {
      do {
        if run % 2 == 0 {
          let lines = LineReader(bytes: dice.mutated(Array(objects.utf8), with: tokens), named: "file")
          #expect(try !BEIRQueries(lines).texts.isEmpty)
        } else {
          let lines = LineReader(bytes: dice.mutated(Array(judgements.utf8), with: tokens), named: "file")
          let found = try BEIRJudgements(lines, passages: ["d1": 0, "d2": 1]) { ["q1", "q2"].contains($0) }
          #expect(Set(found.queries).isSubset(of: ["q1", "q2"]))
        }
        read += 1
      } catch let error as RetortError {
        #expect(error.place.file == "file" && !error.message.isEmpty && !error.remedy.isEmpty)
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(read > 0)
  }
}
