import Artifacts
import Declaring
import Foundation
import Models
import RetortTesting
import Tensors
import Testing
import Training

@testable import Stages

/// Folders of checkpoints: what is taken, what is reported, what is refused.
struct ImportCheckpointTests {
  private let scratch: Scratch
  private let services = FakeServices()

  init() throws { scratch = try Scratch() }

  private func folder(_ name: String = "tiny") -> FilePath { FilePath(scratch.folder.path).appending(name) }

  private func write(_ head: BertHead, labels: [String] = []) throws -> String {
    try TinyCheckpoint.write(head, labels: labels, to: folder())
    return folder().string
  }

  // MARK: In and out

  private func expectSameTensorsAfterExport<Kind: CheckpointKind>(
    _ head: BertHead, labels: [String] = [], as kind: Kind.Type
  ) async throws {
    let path = try write(head, labels: labels)
    let model = try await services.result(of: ImportCheckpoint(path, as: kind))
    let exported = try await services.result(of: Export(services.input(model), to: "out"))
    #expect(try TinyCheckpoint.tensors(of: exported.folder) == TinyCheckpoint.tensors(of: folder()))
    #expect(try Files.read(exported.folder.appending("config.json")) == Files.read(folder().appending("config.json")))
    #expect(try Files.read(exported.folder.appending("vocab.txt")) == Files.read(folder().appending("vocab.txt")))
    #expect(services.journal.metrics["tensors new"] == 0 && services.journal.metrics["tensors unused"] == 0)
  }

  @Test func everyTensorComesOutAsItWentIn() async throws {
    try await expectSameTensorsAfterExport(.encoder, as: EncoderOnly.self)
    try await expectSameTensorsAfterExport(.maskedLM, as: MaskedLM.self)
    try await expectSameTensorsAfterExport(.classifier(labels: 3), labels: ["a", "b", "c"], as: Classifier.self)
    try await expectSameTensorsAfterExport(.classifier(labels: 2), as: Classifier.self)
    try await expectSameTensorsAfterExport(.regression, as: Regressor.self)
    try await expectSameTensorsAfterExport(.regression, as: Ranker.self)
    try await expectSameTensorsAfterExport(.tagger(labels: 2), labels: ["O", "B-X"], as: Tagger.self)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "models/minilm/model.safetensors"), "needs `make model`"))
  func miniLMComesOutAsItWentIn() async throws {
    let model = try await services.result(of: ImportCheckpoint("models/minilm"))
    let (original, imported) = (
      try TinyCheckpoint.tensors(of: "models/minilm"), try TinyCheckpoint.tensors(of: model.folder)
    )
    // The numbers 0 … 511 of the positions are no parameter.
    #expect(imported == original.filter { !$0.key.hasPrefix("embeddings.position_ids") })
    #expect(model.facts.licence == "apache-2.0" && model.facts.hidden == 384)
  }

  @Test(arguments: ["bert", "distilbert", "mobilebert"])
  func whatTransformersSavedComesOutAsItWentIn(family: String) async throws {
    let goldens = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Goldens/families")
    func expectSame<Kind: CheckpointKind>(_ suffix: String, as kind: Kind.Type) async throws {
      let original = FilePath(goldens.appending(path: "\(family)-\(suffix)").path)
      let copy = folder(suffix)
      try Files.makeFolder(copy)
      for name in ["config.json", "model.safetensors"] {
        _ = try Files.copy(original.appending(name), to: copy.appending(name))
      }
      let words = try FolderConfiguration(folder: copy).configuration.vocabularySize
      try BertTokenizer(table: TokenTable(Array(TinyCheckpoint.words.prefix(words)))).write(to: copy)
      let stage = ImportCheckpoint(copy.string, as: kind)
      #expect(services.faults(of: stage).isEmpty)
      var known = services.forecast(of: stage)
      let model = try await services.result(of: stage)
      #expect(try TinyCheckpoint.tensors(of: model.folder) == TinyCheckpoint.tensors(of: original), "\(suffix)")
      (known.parameters, known.tokenizer) = (model.facts.parameters, model.facts.tokenizer)
      #expect(known == model.facts)
    }
    try await expectSame("encoder", as: EncoderOnly.self)
    try await expectSame("masked", as: MaskedLM.self)
    try await expectSame("classifier", as: Classifier.self)
    try await expectSame("tagger", as: Tagger.self)
  }

  @Test func anEncoderLeavesTheHeadAndSaysSo() async throws {
    let path = try write(.classifier(labels: 2), labels: ["no", "yes"])
    let model = try await services.result(of: ImportCheckpoint(path))
    #expect(try FolderConfiguration(folder: model.folder).head == .encoder)
    #expect(services.journal.log.contains("unused (2): classifier.bias, classifier.weight"))
    #expect(services.journal.metrics["tensors unused"] == 2 && services.journal.metrics["tensors new"] == 0)
    #expect(model.facts.labels == nil)
  }

  @Test func aMissingPoolerIsDrawnAndSaidSo() async throws {
    let path = try write(.maskedLM)
    _ = try await services.result(of: ImportCheckpoint(path))
    #expect(
      services.journal.log.contains("new, drawn afresh (2): bert.pooler.dense.weight, bert.pooler.dense.bias"))
  }

  @Test(arguments: ["F16", "BF16"])
  func halvesKeepTheirBits(name: String) async throws {
    let path = try write(.encoder)
    let weights = folder().appending("model.safetensors")
    let file = try SafetensorsFile(at: weights)
    let type = try #require(ElementType(rawValue: name))
    // The upper half of an F32 is a BF16; an F16 of small powers of two is written by hand.
    var expected: [String: [Float]] = [:]
    let tensors = file.header.entries.map { entry in
      let halves: [UInt16] = (0..<entry.count).map { index in
        let exponent = index % 8
        return type == .bf16 ? UInt16(120 + exponent) << 7 : UInt16(8 + exponent) << 10
      }
      expected[entry.name] = (0..<entry.count).map { Float(sign: .plus, exponent: $0 % 8 - 7, significand: 1) }
      return StoredTensor(name: entry.name, type: type, shape: entry.shape) {
        halves.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
      }
    }
    try SafetensorsWriter.write(tensors, to: weights)
    let model = try await services.result(of: ImportCheckpoint(path))
    #expect(try TinyCheckpoint.tensors(of: model.folder) == TinyCheckpoint.tensors(of: folder()))
    let read = try SafetensorsFile(at: model.folder.appending("model.safetensors"))
    for entry in read.header.entries { #expect(try read.floats(entry.name) == expected[entry.name]) }
    #expect(services.journal.log.contains("stored as \(name), computed with in F32"))
  }

  // MARK: What planning knows

  @Test func planningKnowsTheShapeFromTheConfiguration() async throws {
    let stage = ImportCheckpoint(try write(.classifier(labels: 2), labels: ["no", "yes"]), as: Classifier.self)
    #expect(services.faults(of: stage).isEmpty)
    var known = services.forecast(of: stage)
    #expect(known.labels == ["no", "yes"] && known.positions == 32 && known.vocabulary == 40)
    let actual = try await services.result(of: stage).facts
    (known.parameters, known.tokenizer, known.other) = (actual.parameters, actual.tokenizer, actual.other)
    #expect(known == actual)
    #expect(actual.licence == "mit")
  }

  @Test func aHeadThatIsNotThereNamesWhatTrainsIt() async throws {
    let path = try write(.encoder)
    let stage = ImportCheckpoint(path, as: MaskedLM.self)
    let fault = try #require(services.faults(of: stage).first)
    #expect(fault.message.contains("no masked-LM head") && fault.place.field == "folder")
    #expect(fault.remedy.contains("Pretrain(base, heads: .maskedLM, on: corpus)"))
    await #expect(throws: RetortError.self) { try await services.result(of: stage) }
    #expect(services.faults(of: ImportCheckpoint(path, as: Classifier.self)).first?.remedy.contains("FineTune") == true)
    for faults in [
      services.faults(of: ImportCheckpoint(path, as: Regressor.self)),
      services.faults(of: ImportCheckpoint(path, as: Ranker.self)),
      services.faults(of: ImportCheckpoint(path, as: Tagger.self)),
    ] {
      #expect(faults.count == 1 && faults.first?.remedy.isEmpty == false)
    }
    #expect(services.faults(of: ImportCheckpoint(path)).isEmpty)
  }

  @Test func pretrainingGivesAnImportedEncoderAHead() async throws {
    let base = try services.input(try await services.result(of: ImportCheckpoint(write(.encoder))))
    let text = try Corpus(
      writing: (0..<8).map { "w\(5 + $0) w\(6 + $0) w\(9 + $0) w20" }, to: services.makeFolder("text"))
    let model = try await services.result(
      of: Pretrain(base, heads: .maskedLM, on: services.input(text), epochs: 1, batch: 4, length: 16))
    #expect(try FolderConfiguration(folder: model.folder).head == .maskedLM)
  }

  @Test func whatCannotBeImportedIsSaidBeforeAnythingRuns() throws {
    let path = try write(.encoder)
    let weights = folder().appending("model.safetensors")
    try Files.rename(weights, to: folder().appending("pytorch_model.bin"))
    let pickled = try #require(services.faults(of: ImportCheckpoint(path)).first)
    #expect(
      pickled.remedy.contains("AutoModel.from_pretrained('\(path)').save_pretrained('\(path)-safetensors'")
        && pickled.message.contains("pytorch_model.bin"))
    try Files.remove(folder().appending("pytorch_model.bin"))
    #expect(services.faults(of: ImportCheckpoint(path)).first?.message.contains("no weights") == true)
    try Files.rename(folder().appending("vocab.txt"), to: weights)
    try Files.replace(folder().appending("config.json"), with: Array("{\"model_type\": \"gpt2\"}".utf8))
    let other = try #require(services.faults(of: ImportCheckpoint(path)).first)
    #expect(other.message.contains("gpt2") && other.message.contains("config.json"))
    // What is missing altogether, planning finds when it reads the sources.
    #expect(services.faults(of: ImportCheckpoint("/none")).isEmpty)
    #expect(throws: RetortError.self) { try CheckpointFolder.source("/none").declaration.digest() }
  }

  // MARK: What counts

  @Test func onlyTheFilesOfTheModelCount() throws {
    let path = try write(.encoder)
    let source = CheckpointFolder.source(path).declaration
    let digest = try source.digest()
    for name in ["notes.txt", "pytorch_model.bin", ".model.safetensors.1f.incomplete", ".retort-hub.json"] {
      try Files.replace(folder().appending(name), with: [1])
    }
    try Files.makeFolder(folder().appending("old.safetensors"))
    #expect(try source.digest() == digest)
    var seen: Set<Digest> = [digest]
    for name in ["tokenizer.json", "model-00002-of-00002.safetensors", "model.safetensors.index.json", "vocab.txt"] {
      try Files.replace(folder().appending(name), with: Array("x".utf8))
      #expect(try seen.insert(source.digest()).inserted, "\(name) does not count")
    }
    let copy = FilePath(scratch.folder.path).appending("copy")
    #expect(try source.copy(into: copy) == source.digest())
    #expect(try !Files.names(in: copy).contains("notes.txt"))
    let required = SourceDeclaration(path: folder(), members: [.init("*.onnx")])
    #expect(throws: RetortError.self) { try required.digest() }
  }

  @Test func theKeyCoversTheOrigin() throws {
    let path = try write(.encoder)
    let commit = String(repeating: "a1", count: 20)
    let hub = HubModel(name: "owner/tiny", revision: commit)
    try expectKeyCoversEveryProperty(
      of: ImportCheckpoint(path),
      changing: ["folder": { $0.folder = nil }, "hub": { $0.hub = hub }])
    func key(_ name: String, _ revision: String) throws -> RecipeTemplate {
      try RecipeTemplate(
        stage: "s", version: 1, options: ImportCheckpoint(hub: name, revision: revision), defaultSeed: 0)
    }
    let keys = [
      try key("owner/tiny", commit), try key("owner/other", commit),
      try key("owner/tiny", String(repeating: "b", count: 40)),
    ]
    #expect(Set(keys).count == 3)
    #expect(throws: RetortError.self) { try key("no name", commit) }
  }
}
