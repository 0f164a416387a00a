import Artifacts
import RetortTesting
import Tensors
import Testing

@testable import Models

/// Files of every family and head, computed by the operators' definitions, against Retort's inference of the same folder,
/// which PyTorch's goldens check.
struct ONNXFamilyTests {
  /// Logits of texts, or of all their tokens; an encoder's states.
  private func expected(_ model: InferenceModel, _ batch: PackedBatch) throws -> [Float] {
    switch model.head {
    case .encoder: try model.hiddenStates(batch).flatMap { $0 }
    case .classifier, .regression: try model.logits(batch).flatMap { $0 }
    case .tagger: try model.tokenLogits(batch).flatMap { $0 }
    case .maskedLM: try model.wordLogits(batch, at: Array(0..<Int32(batch.tokenCount))).flatMap { $0 }
    }
  }

  private func given(_ model: ONNXModel, _ head: BertHead, _ batch: PackedBatch) throws -> [Float] {
    let padded = PaddedBatch(batch, padding: 3)
    let outputs = try model.outputs(for: padded)
    let value = try #require(outputs[head == .encoder ? "last_hidden_state" : "logits"])
    guard value.shape.count == 3 else { return value.numbers.map { Float($0) } }
    let width = value.shape[2]
    return padded.rows.flatMap { value.numbers[$0 * width..<($0 + 1) * width].map { Float($0) } }
  }

  @Test(arguments: FamilyFolder.full)
  func floats(folder: FamilyFolder) throws {
    let (checkpoint, batch) = (try BertCheckpoint(folder: folder.path), try folder.batch())
    let logits = try given(ONNXModel(checkpoint), checkpoint.bert.head, batch)
    #expect(relativeDifference(logits, try expected(InferenceModel(checkpoint), batch)) <= 1e-5)
  }

  @Test(arguments: FamilyFolder.full)
  func integers(folder: FamilyFolder) throws {
    let (checkpoint, batch) = (try BertCheckpoint(folder: folder.path), try folder.batch())
    let quantized = try QuantizedCheckpoint(quantizing: checkpoint)
    let logits = try given(ONNXModel(quantized, options: .init(activations: .exact)), checkpoint.bert.head, batch)
    #expect(relativeDifference(logits, try expected(InferenceModel(quantized), batch)) <= 5e-3)
  }
}
