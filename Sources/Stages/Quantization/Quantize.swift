import Declaring
import Models
import Training

/// Stores a classifier's weights as integers: a smaller file, and integer products in inference.
///
/// ```swift
/// Quantize(student, .dynamicInt8)
/// Quantize(student, .staticInt8(calibration: reviews.train, examples: 256, observer: .percentile()))
/// ```
public struct Quantize: Stage {
  public static let id = "quantize.classifier"
  public static let version = 3

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

  public func run(_ context: StageContext) async throws -> Model<Classifier> {
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
