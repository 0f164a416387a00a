import Declaring
import Models
import Training

/// Stores a model's weights as integers: a smaller file, and integer products in inference.
///
/// ```swift
/// Quantize(student, .dynamicInt8)
/// Quantize(student, .staticInt8(calibration: reviews.train, examples: 256, observer: .percentile()))
/// ```
public struct Quantize<Kind: ModelKind>: Stage {
  public static var id: String { "quantize.\(Kind.name)" }
  public static var version: Int { 3 }

  var model: Ref<Model<Kind>>
  var method: QuantizationMethod

  public init(_ model: Ref<Model<Kind>>, _ method: QuantizationMethod = .dynamicInt8) {
    self.model = model
    self.method = method
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    var facts = forecast[model]
    if let precision = facts.precision {
      forecast.require(
        precision == "f32", "model", "The model is \(precision) already.", remedy: "Quantize the dense model.")
    }
    let inputs = max(facts.hidden ?? 0, facts.intermediate ?? 0)
    forecast.require(
      inputs <= QuantizedCheckpoint.mostInputs, "model",
      "A layer has \(inputs) inputs; integer sums of more than \(QuantizedCheckpoint.mostInputs) may leave 32 bits.",
      remedy: "Keep the model in f32, or make it narrower.")
    switch method {
    case .dynamic(let convention):
      forecast.require(
        convention.ranges == .dynamic, "method", "Static scales need a calibration.",
        remedy: "Use .staticInt8(calibration:).")
    case .calibrated(let convention, let calibration):
      forecast.require(
        convention.ranges == .static, "method", "Dynamic scales need no calibration.", remedy: "Use .dynamicInt8.")
      calibration.check(&forecast, positions: facts.positions)
    }
    facts.precision = "int8"
    return facts
  }

  public func run(_ context: StageContext) async throws -> Model<Kind> {
    let model = try StoredModel(reading: context.load(model).folder)
    let folder = try context.folder()
    var ranges: [String: ValueRange] = [:]
    if case .calibrated(let convention, let calibration) = method {
      ranges = try calibration.ranges(of: model, convention: convention, in: context)
    }
    try QuantizedCheckpoint(
      quantizing: BertCheckpoint(model.bert, values: model.values), convention: method.convention, ranges: ranges
    ).write(to: folder)
    try model.tokenizer.write(to: folder)
    context.record("bytes", Double(try ModelFolder.bytes(in: folder)))
    var facts = model.facts
    facts.precision = "int8"
    return Model(folder: folder, facts: facts)
  }
}
