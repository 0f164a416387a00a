import Artifacts
import RetortTesting
import Testing
import Training

@testable import Stages

/// Data of each kind of task, from small files written by hand.
struct ImportKindsTests {
  private let services = FakeServices()
  private let unsplit = TaskSplit(dev: 0, test: 0)

  @Test func numbers() async throws {
    let scratch = try Scratch()
    let file = try scratch.file("pairs.csv", "a;b;score\n\"one; two\";three;2.5\nfour;five;0\n")
    let result = try await services.result(
      of: ImportTaskData(
        file, as: .csv(text: "a", pair: "b", value: "score", range: 0...5, delimiter: ";"), split: unsplit))
    let train: TaskData<Regression> = result.train
    #expect(
      try train.examples() == [
        LabelledExample("one; two", pair: "three", target: .value(2.5)),
        LabelledExample("four", pair: "five", target: .value(0)),
      ])
    #expect(try train.schema().labels.isEmpty && train.facts.labels == nil && train.facts.isPaired == true)
  }

  @Test func numbersInJSON() async throws {
    let scratch = try Scratch()
    let file = try scratch.file(
      "x.jsonl", #"{"x": {"text": "a"}, "y": -1.5e1}"# + "\n" + #"{"x": {"text": "b"}, "y": "2"}"#)
    let result = try await services.result(
      of: ImportTaskData(file, as: .jsonLines(text: "x.text", value: "y"), split: unsplit))
    #expect(try result.train.examples().map(\.value) == [-15, 2])
    #expect(try result.train.examples().map(\.text) == ["a", "b"])
  }

  @Test func sentences() async throws {
    let scratch = try Scratch()
    let file = try scratch.file(
      "x.conll",
      "-DOCSTART- O\n\nJohn NNP I-PER\nSmith NNP I-PER\nin IN O\nRome NNP I-LOC\n \nMr. NN B-PER\nA NNP I-PER\n\n\nso RB O\n"
    )
    let result = try await services.result(of: ImportTaskData(file, as: .conll(scheme: .iob1), split: unsplit))
    let train: TaskData<Tagging> = result.train
    #expect(try train.schema().labels == ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"])
    #expect(
      try train.examples() == [
        LabelledExample(words: ["John", "Smith", "in", "Rome"], tags: [3, 4, 0, 1]),
        LabelledExample(words: ["Mr.", "A"], tags: [3, 4]), LabelledExample(words: ["so"], tags: [0]),
      ])
  }

  @Test func partsOfSpeech() async throws {
    let scratch = try Scratch()
    let file = try scratch.file(
      "x.conllu",
      "# text = I don't\n1\tI\t_\tPRON\n2-3\tdon't\t_\t_\n2\tdo\t_\tAUX\n3\tn't\t_\tPART\n3.1\tx\t_\tX\n\n")
    let result = try await services.result(of: ImportTaskData(file, as: .conllU(), split: unsplit))
    #expect(try result.train.schema().labels == ["AUX", "PART", "PRON"])
    #expect(try result.train.examples() == [LabelledExample(words: ["I", "do", "n't"], tags: [2, 0, 1])])
  }

  @Test func taggedJSON() async throws {
    let scratch = try Scratch()
    let file = try scratch.file("x.jsonl", #"{"tokens": ["A", "b"], "ner_tags": [1, 0]}"#)
    let format = TaskFormat.jsonLines(
      words: "tokens", tags: "ner_tags", labels: [.init("0", "O"), .init("1", "B-X"), .init("2", "I-X")])
    let result = try await services.result(of: ImportTaskData(file, as: format, split: unsplit))
    #expect(try result.train.examples() == [LabelledExample(words: ["A", "b"], tags: [1, 0])])
    #expect(services.forecast(of: ImportTaskData(file, as: format)).port("train").labels == ["O", "B-X", "I-X"])
  }

  @Test func candidates() async throws {
    let scratch = try Scratch()
    let file = try scratch.file("x.tsv", "who ?\tI .\t1\nwho ?\tyou .\t0\nwhat ?\tthat\t2\nwho ?\tall\t0\n")
    let result = try await services.result(of: ImportTaskData(file, as: .wikiQASentences, split: unsplit))
    let examples = try result.train.examples()
    #expect(examples.map(\.group) == ["1", "1", "2", "1"])
    #expect(examples.map(\.value) == [1, 0, 2, 0])
    #expect(examples[2].text == "what ?" && examples[2].pair == "that")
    let named = try scratch.file("y.tsv", "QuestionID\tQuestion\tSentence\tLabel\nQ1\ta\tb\t0\nQ7\tc\td\t1\n")
    let other = try await services.result(of: ImportTaskData(named, as: .wikiQA, split: unsplit))
    #expect(try other.train.examples().map(\.group) == ["Q1", "Q7"])
    let lines = try scratch.file(
      "z.jsonl", #"{"q": "a", "p": "b", "g": 0, "id": "x"}"# + "\n" + #"{"q": "a", "p": "c", "g": 2, "id": 7}"#)
    let read = try await services.result(
      of: ImportTaskData(
        lines, as: .jsonLines(query: "q", candidate: "p", grade: "g", group: "id"), split: unsplit))
    #expect(try read.train.examples().map(\.group) == ["x", "7"])
  }

  @Test func labelsBeforeASpace() async throws {
    let scratch = try Scratch()
    let bytes = Array("DESC:manner How is caf".utf8) + [0xE9] + Array(" ?\nENTY:food What ?\nDESC:def Why ?\n".utf8)
    let file = try scratch.file("TREC.train", bytes)
    let coarse = try await services.result(
      of: ImportTaskData(file, as: .labelledLines(upTo: ":", encoding: .latin1), split: unsplit))
    #expect(try coarse.train.schema().labels == ["DESC", "ENTY"])
    #expect(try coarse.train.examples()[0] == LabelledExample("How is café ?", target: .label(0)))
    let fine = try await services.result(
      of: ImportTaskData(file, as: .labelledLines(encoding: .latin1), split: unsplit))
    #expect(try fine.train.schema().labels == ["DESC:def", "DESC:manner", "ENTY:food"])
  }

  /// A split keeps groups together: by column, by query, by document, by equal sentences.
  @Test func splitsByGroup() async throws {
    let scratch = try Scratch()
    let half = TaskSplit(dev: 0.25, test: 0.25)
    let rows = (0..<80).map { "text \($0)\t\($0 / 4)\t\(Double($0) / 10)" }
    let table = try scratch.file("a.tsv", "t\tg\tv\n" + rows.joined(separator: "\n"))
    let grouped = try await services.result(
      of: ImportTaskData(table, as: .tsv(text: "t", value: "v", group: "g"), split: half))
    func groups(_ data: TaskData<Regression>) throws -> Set<Int> {
      Set(try data.examples().map { Int((($0.value ?? 0) * 10).rounded()) / 4 })
    }
    let parts = [try groups(grouped.train), try groups(grouped.dev), try groups(grouped.test)]
    #expect(parts.map(\.count) == [10, 5, 5])
    #expect(parts[0].union(parts[1]).union(parts[2]).count == 20)

    let queries = try scratch.file(
      "q.tsv", (0..<80).map { "query \($0 % 20)\tpassage \($0)\t\($0 / 20 % 2)" }.joined(separator: "\n"))
    let ranked = try await services.result(of: ImportTaskData(queries, as: .wikiQASentences, split: half))
    let ranks = try [ranked.train, ranked.dev, ranked.test].map { Set(try $0.examples().map(\.text)) }
    #expect(ranks.map(\.count) == [10, 5, 5] && ranks[0].union(ranks[1]).union(ranks[2]).count == 20)

    let documents = try scratch.file(
      "d.conll",
      (0..<20).map { document in "-DOCSTART- O\n\n" + (0..<4).map { "w\(document) O\nx\($0) B-A\n\n" }.joined() }
        .joined())
    let tagged = try await services.result(
      of: ImportTaskData(documents, as: .conll(keepsDocuments: true), split: half))
    let words = try [tagged.train, tagged.dev, tagged.test].map { Set(try $0.examples().map { $0.words[0] }) }
    #expect(words.map(\.count) == [10, 5, 5] && words[0].union(words[1]).union(words[2]).count == 20)
    #expect(services.journal.log.isEmpty)
  }

  @Test func leaks() async throws {
    let scratch = try Scratch()
    let train = try scratch.file("a.tsv", "q one\ta\t1\nq two\tb\t0\n")
    let test = try scratch.file("b.tsv", "Q  one\tc\t1\nq three\td\t0\nq one\te\t0\n")
    _ = try await services.result(of: ImportTaskData(train, test: test, as: .wikiQASentences, split: unsplit))
    #expect(services.journal.log == ["1 of 2 queries of test are also in train"])
  }

  /// A file for a model that exists: its labels' numbers count.
  @Test func examplesForAModel() throws {
    let scratch = try Scratch()
    let file = try scratch.file("a.tsv", "text\tlabel\na\t1\nb\t0\nc\t2\n")
    let format = TaskFormat.tsv(labels: [.init("1", "good"), .init("0", "bad"), .init("2", "odd")])
    var targets: [LabelledExample.Target?] = []
    try format.forEachExample(in: file.path, labels: ["bad", "good", "odd"]) { targets.append($0.target) }
    #expect(targets == [.label(1), .label(0), .label(2)])
    let error = #expect(throws: RetortError.self) {
      try format.forEachExample(in: file.path, named: "mine", labels: ["bad", "good"]) { _ in }
    }
    #expect(
      error?.code == "data.unknown-label" && error?.place == Place(file: "mine", line: 4, column: 3, field: "label"))
  }

  @Test func rowsOfOtherWidths() async throws {
    let scratch = try Scratch()
    let file = try scratch.file("a.tsv", "text\tlabel\na\tx\nb\nc\ty\tz\nd\ty\n")
    let result = try await services.result(of: ImportTaskData(file, as: .tsv(ragged: .skipped), split: unsplit))
    #expect(try result.train.examples().map(\.text) == ["a", "d"])
    #expect(services.journal.log == ["2 rows of \(file.path.string) were left out for their number of fields"])
    let empty = try scratch.file("b.tsv", "text\tlabel\na\tx\n \ty\nd\ty\n")
    let full = try await services.result(of: ImportTaskData(empty, as: .tsv().skippingEmptyTexts(), split: unsplit))
    #expect(try full.train.examples().map(\.text) == ["a", "d"])
    #expect(services.journal.log.last == "1 examples of \(empty.path.string) were left out for an empty text")
  }
}
