import Artifacts
import Declaring
import Foundation
import RetortTesting
import Testing
import Training

@testable import Stages

struct ImportTaskDataTests {
  private func splits(
    _ stage: ImportTaskData<Classification>, services: FakeServices = FakeServices()
  ) async throws -> (train: [LabelledExample], dev: [LabelledExample], test: [LabelledExample]) {
    let result = try await services.result(of: stage)
    return (try result.train.examples(), try result.dev.examples(), try result.test.examples())
  }

  @Test func tabSeparatedFiles() async throws {
    let scratch = try Scratch()
    let train = try scratch.file("train.tsv", "\u{FEFF}label\ttext\r\ngood\ta fine \"film\"\r\nbad\ta poor one\r\n")
    let dev = try scratch.file("dev.tsv", "text\tid\tlabel\nso so\t7\tbad\n\n")
    let test = try scratch.file("test.tsv", "label\ttext\ngood\té")
    let services = FakeServices()
    let result = try await services.result(of: ImportTaskData(train, dev: dev, test: test))
    #expect(try result.train.schema().labels == ["bad", "good"])
    #expect(
      try result.train.examples() == [
        LabelledExample("a fine \"film\"", target: .label(1)), LabelledExample("a poor one", target: .label(0)),
      ])
    #expect(try result.dev.examples() == [LabelledExample("so so", target: .label(0))])
    #expect(try result.test.examples() == [LabelledExample("é", target: .label(1))])
    #expect(result.train.facts.labels == ["bad", "good"] && result.train.facts.examples == 2)
  }

  @Test func jsonLines() async throws {
    let scratch = try Scratch()
    let lines = """
      {"premise": "a\\tb\\nc", "hypothesis": "d", "gold": 10}
      {"gold": 9, "premise": "e", "hypothesis": "f", "more": [1, {"x": null}]}
      {"premise": "g", "hypothesis": "h", "gold": 9}
      """
    let file = try scratch.file("train.jsonl", lines)
    let stage = ImportTaskData(
      file, as: .jsonLines(text: "premise", pair: "hypothesis", label: "gold"), split: TaskSplit(dev: 0, test: 0))
    let services = FakeServices()
    let result = try await services.result(of: stage)
    // Labels that are numbers are in numeric order: 9 before 10.
    #expect(try result.train.schema().labels == ["9", "10"])
    #expect(try result.train.schema().isPaired)
    #expect(try result.train.examples()[0] == LabelledExample("a\tb\nc", pair: "d", target: .label(1)))
    #expect(try result.dev.examples().isEmpty)
  }

  @Test func theFormOfGLUE() async throws {
    let scratch = try Scratch()
    let rows = (0..<60).map { "phrase number \($0) \t\($0 % 2)" }
    _ = try scratch.file("train.tsv", "sentence\tlabel\n" + rows.joined(separator: "\n"))
    _ = try scratch.file("dev.tsv", "sentence\tlabel\nheld out\t1\n")
    let services = FakeServices()
    let result = try await services.result(of: ImportTaskData(.glue(.sst2), at: scratch.folder.path))
    #expect(try result.train.schema().labels == ["negative", "positive"])
    #expect(try result.test.examples() == [LabelledExample("held out", target: .label(1))])
    #expect(try result.dev.examples().count == 4)
    #expect(try result.train.examples().count == 56)
  }

  @Test func aSplitKeepsGroupsTogetherAndSharesLabels() async throws {
    let scratch = try Scratch()
    // 300 texts of one class, 100 of the other; each is there three times in other case and spacing.
    var rows: [String] = []
    for number in 0..<400 {
      let label = number < 300 ? "a" : "b"
      rows += ["text \(number)\t\(label)", "TEXT \(number)\t\(label)", "text  \(number) \t\(label)"]
    }
    let file = try scratch.file("all.tsv", "text\tlabel\n" + rows.joined(separator: "\n"))
    let parts = try await splits(ImportTaskData(file, split: TaskSplit(dev: 0.1, test: 0.2), seed: 4))
    #expect(parts.train.count + parts.dev.count + parts.test.count == 1_200)
    func texts(_ part: [LabelledExample]) -> Set<String> {
      Set(part.map { $0.text.lowercased().split { $0 == " " }.joined(separator: " ") })
    }
    #expect(texts(parts.train).isDisjoint(with: texts(parts.dev)))
    #expect(texts(parts.train).isDisjoint(with: texts(parts.test)))
    #expect(texts(parts.dev).isDisjoint(with: texts(parts.test)))
    for (part, share) in [(parts.dev, 0.1), (parts.test, 0.2)] {
      for (label, total) in [(0, 900.0), (1, 300.0)] {
        let count = Double(part.count { $0.target == .label(label) })
        #expect(abs(count - share * total) <= 3)
      }
    }
    let again = try await splits(ImportTaskData(file, split: TaskSplit(dev: 0.1, test: 0.2), seed: 4))
    let others = try await splits(ImportTaskData(file, split: TaskSplit(dev: 0.1, test: 0.2), seed: 5))
    #expect(again.dev == parts.dev)
    #expect(others.dev != parts.dev)
  }

  @Test func textsThatAreInTwoPartsAreLogged() async throws {
    let scratch = try Scratch()
    let train = try scratch.file("train.tsv", "text\tlabel\nsame\ta\nother\tb\n")
    let test = try scratch.file("test.tsv", "text\tlabel\nSame \ta\nnew\tb\n")
    let services = FakeServices()
    _ = try await services.result(of: ImportTaskData(train, test: test, split: TaskSplit(dev: 0, test: 0)))
    #expect(services.journal.log == ["1 of 2 texts of test are also in train"])
  }

  /// A wrong file, and where it is wrong.
  struct Fault: CustomTestStringConvertible, Sendable {
    var name: String
    var bytes: [UInt8]
    var format = TaskFormat.tsv()
    var code: RetortError.Code
    var line: Int?
    var column: Int?
    var field: String?

    init(
      _ name: String, _ text: String, _ format: TaskFormat<Classification>, _ code: RetortError.Code, line: Int? = nil,
      column: Int? = nil, field: String? = nil
    ) {
      self.init(name, Array(text.utf8), format, code, line: line, column: column, field: field)
    }

    init(
      _ name: String, _ text: String, _ code: RetortError.Code, line: Int? = nil, column: Int? = nil,
      field: String? = nil
    ) {
      self.init(name, Array(text.utf8), .tsv(), code, line: line, column: column, field: field)
    }

    init(
      _ name: String, _ bytes: [UInt8], _ code: RetortError.Code, line: Int? = nil, column: Int? = nil,
      field: String? = nil
    ) {
      self.init(name, bytes, .tsv(), code, line: line, column: column, field: field)
    }

    init(
      _ name: String, _ bytes: [UInt8], _ format: TaskFormat<Classification>, _ code: RetortError.Code,
      line: Int? = nil,
      column: Int? = nil, field: String? = nil
    ) {
      (self.name, self.bytes, self.format, self.code) = (name, bytes, format, code)
      (self.line, self.column, self.field) = (line, column, field)
    }

    var testDescription: String { name }
  }

  static let json = TaskFormat.jsonLines()
  static let named = TaskFormat.tsv(labels: [.init("0", "no"), .init("1", "yes")])

  static let faults: [Fault] = [
    Fault("empty file", "", "data.header", line: 1),
    Fault("only line ends", "\n\n", "data.header", line: 1),
    Fault("header alone", "text\tlabel\n", "data.empty"),
    Fault("header and blank lines", "text\tlabel\n\n\n", "data.empty"),
    Fault("no text column", "sentence\tlabel\nx\t1\n", "data.missing-column", line: 1, field: "text"),
    Fault("no label column", "text\tclass\nx\t1\n", "data.missing-column", line: 1, field: "label"),
    Fault("commas", "text,label\nx,1\n", "data.missing-column", line: 1, field: "text"),
    Fault(
      "no second text", "text\tlabel\nx\t1\n", .tsv(pair: "other"), "data.missing-column", line: 1, field: "other"),
    Fault("no group", "text\tlabel\nx\t1\n", .tsv(group: "film"), "data.missing-column", line: 1, field: "film"),
    Fault(
      "a column twice", "text\tlabel\ttext\nx\t1\ty\n", "data.duplicate-column", line: 1, column: 12, field: "text"),
    Fault("a field too few", "text\tlabel\na\t1\nb\n", "data.fields", line: 3, column: 2),
    Fault("a field too many", "text\tlabel\na\t1\né\t1\tx\n", "data.fields", line: 3, column: 5),
    Fault("an empty text", "label\ttext\n1\ta\n22\t \n", "data.empty-text", line: 3, column: 4, field: "text"),
    Fault("an empty label", "text\tlabel\na\t1\nbb\t\n", "data.label", line: 3, column: 4, field: "label"),
    Fault("one class", "text\tlabel\na\t1\nb\t1\n", "data.one-class", field: "label"),
    Fault(
      "an unlisted label", "text\tlabel\na\t1\nb\t2\n", named, "data.unknown-label", line: 3, column: 3, field: "label"),
    Fault(
      "Latin-1", Array("text\tlabel\na\t1\ncaf".utf8) + [0xE9] + Array("\t0\n".utf8), "file.encoding", line: 3,
      column: 4),
    Fault("UTF-16", [0xFF, 0xFE, 0x74, 0x00], "file.encoding", line: 1, column: 1),
    Fault("a cut character", Array("text\tlabel\na\t".utf8) + [0xE2, 0x82], "file.encoding", line: 2, column: 3),
    Fault("zero bytes", [0x74, 0x00, 0x0A], "file.encoding", line: 1, column: 2),
    Fault(
      "no JSON", "{\"text\": \"a\", \"label\": 1}\n{\"text\": \"é\", oops}\n", json, "data.json", line: 2, column: 15),
    Fault("JSON cut short", "{\"text\": \"a\", \"label\"", json, "data.json", line: 1),
    Fault("JSON, no object", "[1]\n", json, "data.json", line: 1),
    Fault("an equal key twice", "{\"text\": \"a\", \"text\": \"b\", \"label\": 1}", json, "data.json", line: 1),
    Fault("JSON without a text", "{\"label\": 1}\n", json, "data.missing-column", line: 1, field: "text"),
    Fault(
      "a text that is a number", "{\"text\": 3, \"label\": 1}\n", json, "data.missing-column", line: 1, field: "text"),
    Fault("JSON without a label", "{\"text\": \"a\"}\n", json, "data.label", line: 1, field: "label"),
    Fault("a label that is null", "{\"text\": \"a\", \"label\": null}\n", json, "data.label", line: 1, field: "label"),
    Fault(
      "a label that is a fraction", "{\"text\": \"a\", \"label\": 1.5}\n", json, "data.label", line: 1, field: "label"),
    Fault(
      "an empty text in JSON", "{\"text\": \" \", \"label\": 1}\n", json, "data.empty-text", line: 1, field: "text"),
    Fault("blank lines of JSON", "\n \n", json, "data.empty"),
    Fault(
      "a thousand and one labels", "text\tlabel\n" + (0...1_000).map { "t\t\($0)\n" }.joined(), "data.many-labels"),
  ]

  @Test(arguments: faults) func badFiles(fault: Fault) async throws {
    let scratch = try Scratch()
    let file = try scratch.file("mine.tsv", fault.bytes)
    let error = await #expect(throws: RetortError.self) {
      _ = try await FakeServices().result(
        of: ImportTaskData(file, as: fault.format, split: TaskSplit(dev: 0, test: 0)))
    }
    #expect(error?.code == fault.code)
    #expect(error?.place.file == file.path.string)
    #expect(error?.place.line == fault.line)
    if let column = fault.column { #expect(error?.place.column == column) }
    if let field = fault.field { #expect(error?.place.field == field) }
    #expect(error?.remedy.isEmpty == false)
    #expect(error?.blame == .input)
  }

  @Test func aMissingFileAndAFolder() async throws {
    let scratch = try Scratch()
    let missing = SourceFile(scratch.folder.path + "/none.tsv")
    for file in [missing, SourceFile(scratch.folder.path)] {
      await #expect(throws: RetortError.self) {
        _ = try await FakeServices().result(of: ImportTaskData(file))
      }
    }
  }

  @Test func aLabelOnlyInDev() async throws {
    let scratch = try Scratch()
    let train = try scratch.file("train.tsv", "text\tlabel\na\tx\nb\ty\n")
    let dev = try scratch.file("dev.tsv", "text\tlabel\na\tx\nb\tz\n")
    let error = await #expect(throws: RetortError.self) {
      _ = try await FakeServices().result(of: ImportTaskData(train, dev: dev))
    }
    #expect(error?.code == "data.unknown-label")
    #expect(error?.place == Place(file: dev.path.string, line: 3, column: 3, field: "label"))
  }

  @Test func optionsOutOfRange() throws {
    let services = FakeServices()
    let file = SourceFile("x")
    func fields(_ stage: ImportTaskData<Classification>) -> [String?] { services.faults(of: stage).map(\.place.field) }
    #expect(fields(ImportTaskData(file)) == [])
    #expect(fields(ImportTaskData(file, split: TaskSplit(dev: -0.1, test: 0))) == ["split.dev"])
    #expect(fields(ImportTaskData(file, split: TaskSplit(dev: 0, test: 1))) == ["split.test", "split"])
    #expect(fields(ImportTaskData(file, split: TaskSplit(dev: 0.5, test: 0.5))) == ["split"])
    #expect(fields(ImportTaskData(file, dev: file, split: TaskSplit(dev: 0.5, test: 0.5))) == [])
    #expect(fields(ImportTaskData(file, as: .tsv(labels: [.init("a")]))) == ["format.labels"])
    #expect(fields(ImportTaskData(file, as: .tsv(labels: [.init("a"), .init("a", "b")]))) == ["format.labels"])
  }
}
