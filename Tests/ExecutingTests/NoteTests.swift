import Artifacts
import Declaring
import Executing
import RetortTesting
import Testing

/// Notes beside delivered results: made of what the run knows, and never in anybody's way.
@Suite struct NoteTests {
  private func pipeline(_ value: Int, label: String = "two", to folder: FilePath) -> Pipeline {
    .declared {
      let number = stage(label, Scale(stage("one", Constant(value)), by: 10))
      return PipelineBuilder.buildFinalResult([
        stage("unrelated", Constant(1)).edge,
        stage("export", DeliverWithNote(number: number, destination: Destination(folder.string))).edge,
      ])
    }
  }

  private func text(_ path: FilePath) throws -> String { String(decoding: try Files.read(path), as: UTF8.self) }

  @Test func aNoteTellsHowTheResultCameAbout() async throws {
    let root = try temporaryFolder()
    defer { try? Files.remove(root) }
    let out = root.appending("out")
    let note = out.appending("README.md")
    let store = MemoryStore()
    let first = try await run(pipeline(3, to: out), in: store)
    #expect(first.outcome == .succeeded)
    #expect(try text(note) == "30 of two: one test.constant value = 3; two test.scale factor = 10; export test.noted")
    #expect(try Files.names(in: out) == [".retort-manifest.json", "README.md", "text.txt"])

    // Nothing to do: nothing is written.
    let manifest = out.appending(".retort-manifest.json")
    let before = try Files.existing(manifest)
    #expect(try await run(pipeline(3, to: out), in: store).counts.ran == 0)
    #expect(try Files.existing(manifest) == before)

    // The result is the same, its label is not.
    let renamed = try await run(pipeline(3, label: "tenfold", to: out), in: store)
    #expect(renamed.counts.ran == 0 && renamed.outcome == .succeeded)
    #expect(try text(note).hasPrefix("30 of tenfold"))
    // A lost note comes back.
    try Files.remove(note)
    _ = try await run(pipeline(3, label: "tenfold", to: out), in: store)
    #expect(try text(note).hasPrefix("30 of tenfold"))
    // So it does with another result.
    _ = try await run(pipeline(4, to: out), in: store)
    #expect(try text(note).hasPrefix("40 of two"))
  }

  @Test func whatSomebodyWroteOrChangedStays() async throws {
    let root = try temporaryFolder()
    defer { try? Files.remove(root) }
    let note = root.appending("README.md")
    try Files.replace(note, with: Array("mine".utf8))
    let store = MemoryStore()
    for value in [3, 3, 4] {
      #expect(try await run(pipeline(value, to: root), in: store).outcome == .succeeded)
      #expect(try text(note) == "mine")
    }
    try Files.remove(note)
    _ = try await run(pipeline(4, to: root), in: store)
    try Files.replace(note, with: Array(try text(note).utf8) + Array(" And more.".utf8))
    for value in [4, 5] {
      #expect(try await run(pipeline(value, to: root), in: store).outcome == .succeeded)
      #expect(try text(note).hasSuffix(" And more.") && text(note).hasPrefix("40"))
    }
  }

  @Test func aKillBetweenResultAndNoteIsMended() async throws {
    let root = try temporaryFolder()
    defer { try? Files.remove(root) }
    let (note, manifest) = (root.appending("README.md"), root.appending(".retort-manifest.json"))
    let store = MemoryStore()
    _ = try await run(pipeline(3, to: root), in: store)
    let old = try Files.read(note)
    _ = try await run(pipeline(4, to: root), in: store)
    // As it stands right after the announcement: what is wanted, and what is to be replaced.
    let digests = try [Files.read(note), old].map { Digest(of: $0).hex }
    let files = zip(digests, [try Files.read(note).count, old.count]).map {
      "{\"path\": \"README.md\", \"digest\": \"\($0)\", \"bytes\": \($1)}"
    }
    try Files.replace(manifest, with: Array("{\"files\": [\(files.joined(separator: ", "))]}".utf8))
    try Files.replace(note, with: old)
    try Files.remove(root.appending("text.txt"))
    #expect(try await run(pipeline(4, to: root), in: store).outcome == .succeeded)
    #expect(try text(note).hasPrefix("40") && text(root.appending("text.txt")) == "40\n")
  }
}

/// Delivers a number as text, with a note on it.
struct DeliverWithNote: Delivering {
  static let id = "test.noted"
  static let version = 1
  var number: Ref<Number>
  var destination: Destination

  func run(_ context: StageContext) async throws -> Corpus {
    let folder = try context.folder()
    try Files.replace(folder.appending("text.txt"), with: Array("\(try context.load(number).value)\n".utf8))
    return Corpus(folder: folder)
  }

  func notes(on account: DeliveryAccount) throws -> [DeliveryNote] {
    let steps = account.steps.map { step in
      let options = step.options.filter { $0.name != "modulus" && $0.value != "nil" }.map {
        " \($0.name) = \($0.value)"
      }.joined()
      return "\(step.label) \(step.stage.id)\(options)"
    }
    let value = try account.load(number).value
    return [
      DeliveryNote(
        "README.md", "\(value) of \(account.step(of: number)?.label ?? "?"): " + steps.joined(separator: "; "))
    ]
  }
}
