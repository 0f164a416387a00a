import Declaring
import Models
import Training

/// Stores a classifier's weights as integers: a smaller file, and integer products in inference.
public struct Quantize: Stage {
  public static let id = "quantize.classifier"
  public static let version = 1

  /// How the numbers become integers.
  public enum Method: Codable, Sendable, Hashable {
    /// Weights once, a symmetric scale an output row (max |w| / 127, integers in ±127); activations anew in each product.
    case dynamic(Int8Convention)

    /// 8 bits, activations quantized while the model runs.
    public static let dynamicInt8 = Method.dynamic(Int8Convention())

    /// - Parameters:
    ///   - activations: what shares a scale: a row (a token) or the whole tensor.
    ///   - grid: symmetric, or affine as ONNX has it.
    public static func dynamicInt8(
      activations: Int8Convention.Granularity, grid: Int8Convention.Grid = .symmetric
    ) -> Method {
      .dynamic(Int8Convention(granularity: activations, grid: grid))
    }
  }

  var model: Ref<Model<Classifier>>
  var method: Method

  public init(_ model: Ref<Model<Classifier>>, _ method: Method = .dynamicInt8) {
    self.model = model
    self.method = method
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    var facts = forecast[model]
    if let precision = facts.precision {
      forecast.require(
        precision == "f32", "model", "The model is \(precision) already.", remedy: "Quantize the dense model.")
    }
    facts.precision = "int8"
    return facts
  }

  public func run(_ context: StageContext) async throws -> Model<Classifier> {
    let model = try StoredModel(reading: context.load(model).folder)
    let folder = try context.folder()
    let checkpoint = BertCheckpoint(model.bert, values: model.values)
    switch method {
    case .dynamic(let convention):
      try QuantizedCheckpoint(quantizing: checkpoint, convention: convention).write(to: folder)
    }
    try model.tokenizer.write(to: folder)
    var facts = model.facts
    facts.precision = "int8"
    return Model(folder: folder, facts: facts)
  }
}
