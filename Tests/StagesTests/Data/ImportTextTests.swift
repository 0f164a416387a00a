import Artifacts
import RetortTesting
import Testing
import Training

@testable import Stages

struct ImportTextTests {
  @Test func linesAndParagraphs() async throws {
    let scratch = try Scratch()
    let one = try scratch.file("one.txt", "  first line \r\nsecond\n\n\nthird\n")
    let two = try scratch.file("two.txt", "second\n")
    let services = FakeServices()
    #expect(
      try await services.result(of: ImportText([one, two])).passages()
        == ["first line", "second", "third", "second"])
    #expect(
      try await services.result(of: ImportText([one, two], dropsRepeated: true)).passages()
        == ["first line", "second", "third"])
    #expect(
      try await services.result(of: ImportText([one, two], passages: .paragraphs)).passages()
        == ["first line second", "third", "second"])
  }

  @Test(
    arguments: [
      ([], "data.empty"), (Array(" \n\t\n".utf8), "data.empty"), ([0x61, 0x0A, 0xFF], "file.encoding"),
      ([0xFE, 0xFF, 0, 0x61], "file.encoding"), ([0, 0, 0], "file.encoding"),
    ] as [([UInt8], RetortError.Code)]) func badFiles(bytes: [UInt8], code: RetortError.Code) async throws
  {
    let scratch = try Scratch()
    let file = try scratch.file("mine.txt", bytes)
    let error = await #expect(throws: RetortError.self) {
      _ = try await FakeServices().result(of: ImportText(file))
    }
    #expect(error?.code == code)
    #expect(error?.place.file == file.path.string)
    #expect(error?.remedy.isEmpty == false)
  }

  @Test func noFiles() { #expect(FakeServices().faults(of: ImportText([])).map(\.place.field) == ["files"]) }
}
