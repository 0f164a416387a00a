import Artifacts
import Tensors

/// A BERT whose linear layers and embedding tables are integers of 8 bits; biases and layer norms stay f32.
///
/// Its folder has the dense folder's files. `config.json` says `"model_type": "retort-bert-int8"` and names the
/// convention under `retort_quantization`; a matrix `X` is stored as I8 beside its scales, F32 `X.scale`. Where
/// activations are static, a layer `L` has F32 `L.input_range`: [2], the least and the largest of its inputs.
public struct QuantizedCheckpoint: Sendable {
  public let bert: Bert
  public let convention: Int8Convention
  /// By the parameter's name in the layout.
  public internal(set) var matrices: [String: QuantizedMatrix] = [:]
  public internal(set) var vectors: [String: [Float]] = [:]
  /// What each linear layer's inputs lie in, by its name (without `.weight`); empty where activations are dynamic.
  public internal(set) var ranges: [String: ValueRange] = [:]
  public var otherSettings: [JSONValue.Member]

  static let scaleSuffix = ".scale"
  static let rangeSuffix = ".input_range"

  /// Quantizes a dense model; the integers depend on nothing but its weights.
  ///
  /// - Parameter ranges: what calibration found for each linear layer; needed where the convention is static.
  /// - Throws: `model.notFinite` naming the tensor, `quantize.range` naming a layer without a range, `quantize.inputs`
  ///   for a layer with so many inputs that its sums could leave 32 bits.
  public init(
    quantizing checkpoint: BertCheckpoint, convention: Int8Convention = Int8Convention(),
    ranges: [String: ValueRange] = [:]
  ) throws {
    (bert, self.convention, otherSettings) = (checkpoint.bert, convention, checkpoint.otherSettings)
    for entry in bert.layout.entries {
      guard checkpoint.values.nonFiniteCount(entry.range) == 0 else {
        throw refusal(
          "model.notFinite", "Tensor “\(entry.name)” holds NaN or an infinity.", field: entry.name,
          remedy: "The training that wrote it diverged; train again.")
      }
      if entry.shape.count == 2 {
        try Self.requireExactSums(entry.name, inputs: entry.shape[1])
        let weights = UnsafeBufferPointer(rebasing: checkpoint.values.buffer[entry.range])
        matrices[entry.name] = try QuantizedMatrix(
          quantizing: weights, columns: entry.shape[1], convention: convention)
      } else {
        vectors[entry.name] = checkpoint.values[entry.range]
      }
    }
    guard convention.ranges == .static else { return }
    for layer in bert.linearLayers {
      guard let range = ranges[layer] else {
        throw refusal(
          "quantize.range", "The layer “\(layer)” has no range of inputs.", field: layer,
          remedy: "Calibrate the model that is quantized.")
      }
      self.ranges[layer] = range
    }
  }

  /// The most inputs of a layer for which sums of products of 8 bits cannot leave 32, whatever they are.
  public static let mostInputs = PackedInt8Weight.longestInput(largestWeight: 128)

  static func requireExactSums(_ name: String, inputs: Int) throws {
    guard inputs <= mostInputs else {
      throw refusal(
        "quantize.inputs", "“\(name)” has \(inputs) inputs; sums of more than \(mostInputs) may leave 32 bits.",
        field: name, remedy: "Keep the model in f32.")
    }
  }

  /// The dense model that the integers stand for.
  public func dequantized() -> BertCheckpoint {
    let values = FlatBuffer<Float>(count: bert.layout.count)
    for entry in bert.layout.entries {
      values.write(matrices[entry.name]?.floats ?? vectors[entry.name] ?? [], at: entry.offset)
    }
    return BertCheckpoint(bert, values: values, otherSettings: otherSettings)
  }

  /// Quantizes a folder into another, which exists: weights, configuration, tokenizer; activations are dynamic.
  ///
  /// - Throws: What `BertCheckpoint` and `BertTokenizer` throw, `model.vocabulary`, errors of writing.
  @discardableResult
  public static func quantize(
    _ folder: FilePath, into target: FilePath, convention: Int8Convention = Int8Convention()
  ) throws -> QuantizedCheckpoint {
    let dense = try BertCheckpoint(folder: folder)
    let tokenizer = try ModelFolder.tokenizer(of: folder, for: dense.bert.configuration)
    let quantized = try QuantizedCheckpoint(quantizing: dense, convention: convention)
    try quantized.write(to: target)
    try tokenizer.write(to: target)
    return quantized
  }
}

extension Bert {
  /// Names of the linear layers that inference runs, without `.weight`, in the layout's order; the tied masked-LM decoder
  /// comes last.
  public var linearLayers: [String] {
    let own = layout.entries.filter { $0.shape.count == 2 && !$0.name.hasPrefix(BertNames.embeddings) }
      .map { String($0.name.dropLast(".weight".count)) }.filter { head != .encoder || $0 != BertNames.pooler }
    return own + (head == .maskedLM ? [BertNames.decoder] : [])
  }
}
