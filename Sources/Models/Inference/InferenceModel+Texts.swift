import Artifacts
import Tensors

extension InferenceModel {
  /// Logits of texts, a row each.
  ///
  /// - Parameters:
  ///   - pairs: the second text of each, as many as texts; nil for single texts.
  ///   - longest: tokens to which longer texts are cut; nil takes what the model has positions for.
  /// - Throws: `inference.tokenizer` for a model without one, and what `logits(_:on:)` throws.
  public func logits(
    of texts: [String], pairs: [String]? = nil, longest: Int? = nil, on team: ThreadTeam? = nil
  ) throws -> [[Float]] {
    try logits(batch(of: texts, pairs: pairs, longest: longest), on: team)
  }

  /// Texts as one batch, framed and cut.
  public func batch(of texts: [String], pairs: [String]? = nil, longest: Int? = nil) throws -> PackedBatch {
    guard let tokenizer else {
      throw refusal("inference.tokenizer", "The model was made without a tokenizer; it takes tokens, not texts.")
    }
    if let pairs, pairs.count != texts.count {
      throw refusal("inference.input", "There are \(texts.count) first texts and \(pairs.count) second ones.")
    }
    let limit = min(longest ?? .max, configuration.longestInput)
    var batch = PackedBatch()
    for (index, text) in texts.enumerated() {
      let encoding = try tokenizer.encode(text, pairs?[index], longest: limit)
      do {
        try batch.append(encoding.ids, types: encoding.typeIDs)
      } catch {
        throw refusal("inference.input", "Text \(index + 1): \(error)")
      }
    }
    return batch
  }
}
