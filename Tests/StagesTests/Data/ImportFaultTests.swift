import Artifacts
import Declaring
import RetortTesting
import Testing
import Training

@testable import Stages

/// Errors name file, line, column and what helps.
struct ImportFaultTests {
  private func error<Kind: TaskKind>(_ format: TaskFormat<Kind>, _ text: String) async throws -> RetortError? {
    let scratch = try Scratch()
    let file = try scratch.file("mine", text)
    let error = await #expect(throws: RetortError.self) {
      _ = try await FakeServices().result(of: ImportTaskData(file, as: format, split: TaskSplit(dev: 0, test: 0)))
    }
    #expect(error?.place.file == file.path.string && error?.remedy.isEmpty == false && error?.blame == .input)
    return error
  }

  private func place(_ error: RetortError?) -> [Int?] { [error?.place.line, error?.place.column] }

  @Test func theNearestName() async throws {
    let table = try await error(.tsv(text: "sentense"), "sentence\tlabel\na\t1\n")
    #expect(table?.code == "data.missing-column" && table?.remedy.contains("Is “sentence” meant?") == true)
    let json = try await error(.jsonLines(text: "Text"), #"{"text": "a", "label": 1}"#)
    #expect(json?.remedy.contains("Is “text” meant?") == true)
    let number = try await error(.tsv(text: 3, label: 1), "a\tb\n")
    #expect(number?.message == "There is no column 3: the row has 2." && number?.place.line == 1)
    let far = try await error(.tsv(text: "premise"), "sentence\tlabel\na\t1\n")
    #expect(far?.remedy.contains("meant") == false)
  }

  @Test func severalFaultsAtOnce() async throws {
    let text = "text\tlabel\na\t1\nb\nc\t\n\t1\nd\t2\n"
    let error = try await error(.tsv(), text)
    #expect(error?.code == "data.fields" && place(error) == [3, 2])
    #expect(
      error?.message
        == "There is 1 field, and there should be 2. There are 2 faults more: at 4:3: The label is empty. at 5:1: "
        + "The text is empty.")
    let many = try await self.error(.tsv(), "text\tlabel\n" + String(repeating: "b\n", count: 30))
    #expect(many?.message.contains("There are 9 faults more, at least: at 3:2") == true)
    // Where nothing more can be read, that is the last of the faults.
    let cut = try await self.error(.csv(), "text,label\na\n\"b,c\n")
    #expect(cut?.code == "data.fields" && cut?.message.contains("at 3:1: A quotation mark opens") == true)
  }

  @Test(arguments: [
    ("x\t1\na\tone\n", 2, 3), ("x\t1\na\tnan\n", 2, 3), ("x\t1\na\tinf\n", 2, 3), ("x\t1\nab\t\n", 2, 4),
    ("x\t1\na\t5.5\n", 2, 3), ("x\t1\na\t-1\n", 2, 3), ("x\t1\na\t0x1\n", 2, 3), ("x\t1\na\t1e999\n", 2, 3),
    ("x\t1\na\t 1\n", 2, 3),
  ]) func values(text: String, line: Int, column: Int) async throws {
    let error = try await error(.tsv(text: 1, value: 2, range: 0...5), text)
    #expect(error?.code == "data.value" && place(error) == [line, column] && error?.place.field == "column 2")
  }

  @Test func grades() async throws {
    let error = try await error(.wikiQASentences, "q\ta\t1\nq\tb\t-1\n")
    #expect(error?.code == "data.value" && place(error) == [2, 5])
    let none = try await self.error(.wikiQASentences, "q\ta\t0\nq\tb\t0\n")
    #expect(none?.code == "data.one-class" && none?.message == "All 2 training examples have the same grade.")
    let same = try await self.error(.tsv(text: 1, value: 2), "q\t1\nr\t1\n")
    #expect(same?.message == "All 2 training examples have the same value.")
  }

  @Test func tags() async throws {
    let error = try await error(.conll(), "John B-PER\nSmith I-LOC\n\n")
    #expect(error?.code == "data.tag" && place(error) == [2, 7] && error?.remedy.contains(".iob1") == true)
    let narrow = try await self.error(.conll(), "John B-PER\nSmith\n\n")
    #expect(narrow?.code == "data.fields" && place(narrow) == [2, 6])
    let wide = try await self.error(.conll(tag: 4), "John\tx\tB-PER\n")
    #expect(wide?.code == "data.missing-column" && place(wide) == [1, nil])
    let unknown = try await self.error(.conll(labels: [.init("O"), .init("B-X")]), "a B-X\nb O\n\nc B-Y\n")
    #expect(unknown?.code == "data.unknown-label" && place(unknown) == [4, 3])
    let uniform = try await self.error(.conll(), "a O\n\nb O\n")
    #expect(uniform?.code == "data.one-class")
    let json = try await self.error(
      .jsonLines(words: "w", tags: "t"), #"{"w": ["a"], "t": ["O"]}"# + "\n" + #"{"w": ["a", "b"], "t": ["O"]}"#)
    #expect(json?.code == "data.fields" && json?.place.line == 2)
  }

  @Test func aTagThatOnlyDevHas() async throws {
    let scratch = try Scratch()
    let (train, dev) = (try scratch.file("a", "x B-A\ny O\n"), try scratch.file("b", "x I-A\n\ny B-B\n"))
    let error = await #expect(throws: RetortError.self) {
      _ = try await FakeServices().result(of: ImportTaskData(train, dev: dev, as: .conll(scheme: .iob1)))
    }
    #expect(
      error?.code == "data.unknown-label"
        && error?.place == Place(file: dev.path.string, line: 3, column: 3, field: "tag"))
  }

  @Test func options() {
    func fields<Kind: TaskKind>(_ format: TaskFormat<Kind>) -> [String?] {
      FakeServices().faults(of: ImportTaskData("x", as: format)).map(\.place.field)
    }
    #expect(fields(.tsv(text: 0, label: 1)) == ["format.text"])
    #expect(fields(.csv(delimiter: "")) == ["format.delimiter"])
    #expect(fields(.csv(delimiter: "\"")) == ["format.delimiter"])
    #expect(fields(.csv(delimiter: "::")) == ["format.delimiter"])
    #expect(fields(.tsv(header: false)) == ["format.header"])
    #expect(fields(.jsonLines(text: 3)) == ["format.text"])
    #expect(fields(.conll(word: "word")) == ["format.words"])
    #expect(fields(.labelledLines(upTo: "")) == ["format.upTo"])
    #expect(fields(.conll(comment: "")) == ["format.comment"])
    #expect(fields(.tsv(value: "v", range: 1...1)) == ["format.range"])
    #expect(fields(.tsv(query: "a", candidate: "b", grade: 0)) == ["format.grade"])
  }
}
