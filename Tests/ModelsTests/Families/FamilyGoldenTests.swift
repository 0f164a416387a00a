import Artifacts
import Foundation
import Models
import RetortTesting
import Tensors
import Testing

/// Every family and head as transformers saves it: what is read, what is computed, what is written.
struct FamilyGoldenTests {
  @Test(arguments: FamilyFolder.all)
  func everythingIsLoadedAndNothingIsLeft(folder: FamilyFolder) throws {
    let report = try BertCheckpoint(folder: folder.path).report
    #expect(report.new.isEmpty && report.unused.isEmpty)
    #expect(report.loaded.count + report.ignored.count == (try folder.weights.names.count))
  }

  /// With the reduced types, values come from rounded weights: PyTorch computed with the same.
  @Test(arguments: FamilyFolder.all)
  func statesAndAnswers(folder: FamilyFolder) throws { try folder.compare(tolerance: 1e-5) }

  /// Real checkpoints on real sentences: folders that `Tests/Conformance/checkpoints.py` wrote.
  @Test(
    .enabled(if: !FamilyFolder.conformance.isEmpty, "`make conformance` names them in RETORT_CONFORMANCE"),
    arguments: FamilyFolder.conformance)
  func realSentences(folder: FamilyFolder) throws { try folder.compare(tolerance: 1e-4) }

  /// Blocks that are shared, and decoders that are tied, gather gradients from several places.
  @Test(arguments: FamilyFolder.full.filter { $0.name.hasSuffix("classifier") || $0.name.hasSuffix("masked") })
  func gradients(folder: FamilyFolder) throws {
    var checkpoint = try BertCheckpoint(folder: folder.path)
    let (values, batch) = (try folder.values, try folder.batch())
    let bert = checkpoint.bert
    let graph = try Graph<Float>()
    let gradients = FlatBuffer<Float>(count: bert.layout.count)
    let model = ParameterBinding(bert.layout, values: checkpoint.values, gradients: gradients)
    graph.begin(recording: true)
    let states = try bert.encode(batch, with: model, in: graph)
    let scale = 1 / Double(batch.sequenceCount)
    if bert.head == .maskedLM {
      let rows = Array(Int32(0)..<Int32(batch.tokenCount))
      try graph.crossEntropy(
        bert.wordLogits(states, at: rows, with: model, in: graph), labels: batch.ids, scale: scale)
    } else {
      try graph.crossEntropy(
        bert.logits(states, of: batch, with: model, in: graph),
        labels: (0..<Int32(batch.sequenceCount)).map { $0 % 3 }, scale: scale)
    }
    graph.backward()
    #expect(relativeDifference([graph.loss], try values.floats("loss")) < 1e-5)
    // The gradients under the names of the family's files: written as weights, they are compared name by name.
    checkpoint.values = gradients
    try withTemporaryFolder { written in
      try checkpoint.write(to: written)
      let file = try SafetensorsFile(at: written.appending("model.safetensors"))
      for name in file.names where !name.hasSuffix("key.bias") && !name.hasSuffix("k_lin.bias") {
        let expected = try values.header["gradient.\(name)"].map { try values.floats($0.name) }
        let actual = try file.floats(name)
        #expect(relativeDifference(actual, expected ?? actual.map { _ in 0 }) < 2e-5, "\(name)")
      }
    }
  }

  /// A folder that is read and written again: the same tensors to the bit, the same settings.
  @Test(arguments: FamilyFolder.all)
  func writtenAgain(folder: FamilyFolder) throws {
    let checkpoint = try BertCheckpoint(folder: folder.path)
    try withTemporaryFolder { written in
      try checkpoint.write(to: written)
      let (theirs, ours) = (try folder.weights, try SafetensorsFile(at: written.appending("model.safetensors")))
      #expect(Set(theirs.names) == Set(ours.names))
      for name in theirs.names {
        #expect(try theirs.entry(name).type == ours.entry(name).type)
        #expect(try theirs.bytes(name) == ours.bytes(name), "\(name)")
      }
      var (before, after) = (try FolderConfiguration(folder: folder.path), try FolderConfiguration(folder: written))
      // Without a head that uses them, names of classes are dropped.
      let namesClasses = before.head.outputs > 0
      if !namesClasses { (before.configuration.labels, after.configuration.labels) = ([], []) }
      #expect(before == after)
      let settings = try Self.settings(of: folder.path)
      let rewritten = try Self.settings(of: written)
      for member in settings.members where !["dtype", "use_bottleneck"].contains(member.name) {
        guard member.value != .null, namesClasses || !member.name.contains("label") else { continue }
        #expect(rewritten[member.name].map(Self.plain) == Self.plain(member.value), "\(member.name)")
      }
    }
  }

  private static func settings(of folder: FilePath) throws -> JSONValue {
    let path = URL(fileURLWithPath: folder.appending("config.json").string)
    return try JSONValue(parsing: [UInt8](Data(contentsOf: path)))
  }

  /// A number's value, however it is spelt.
  private static func plain(_ value: JSONValue) -> JSONValue { value.double.map { .number($0) } ?? value }

  /// A model with another head on the same encoder: the encoder's tensors are read, the head's are new.
  @Test(arguments: ["bert", "distilbert", "roberta", "albert", "mobilebert"])
  func anotherHead(family: String) throws {
    let encoder = FamilyFolder.named("\(family)-encoder")
    let checkpoint = try BertCheckpoint(folder: encoder.path, head: .classifier(labels: 4), seed: 3)
    #expect(checkpoint.report.new.contains { $0.hasPrefix("classifier") })
    #expect(checkpoint.report.new.allSatisfy { $0.hasPrefix("classifier") || $0.hasPrefix("bert.pooler") })
    let tagger = try BertCheckpoint(folder: encoder.path, head: .tagger(labels: 4), seed: 3)
    #expect(Set(tagger.report.new) == ["classifier.weight", "classifier.bias"])
  }

  @Test(arguments: FamilyFolder.full.filter { $0.name.hasSuffix("classifier") })
  func quantized(folder: FamilyFolder) throws {
    let checkpoint = try BertCheckpoint(folder: folder.path)
    let batch = try folder.batch()
    let quantized = try QuantizedCheckpoint(quantizing: checkpoint)
    try withTemporaryFolder { written in
      try quantized.write(to: written)
      let again = try QuantizedCheckpoint(folder: written)
      let answers = try InferenceModel(again).logits(batch).flatMap(\.self)
      #expect(try InferenceModel(quantized).logits(batch).flatMap(\.self) == answers)
      // Weights lose bits, and activations too: the answers stay near those of the weights that were left.
      let dense = try InferenceModel(again.dequantized()).logits(batch).flatMap(\.self)
      #expect(relativeDifference(answers, dense) < 0.1)
    }
    let ranges = try Calibration(checkpoint).ranges(over: [batch])
    let fixed = try QuantizedCheckpoint(quantizing: checkpoint, convention: .fixed(), ranges: ranges)
    let answers = try InferenceModel(fixed).logits(batch).flatMap(\.self)
    #expect(relativeDifference(answers, try folder.values.floats("logits")) < 0.2)
  }
}
