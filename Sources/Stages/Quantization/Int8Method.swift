import Declaring
import Models
import Tensors
import Training

/// How the numbers become integers.
public enum QuantizationMethod: Codable, Sendable {
  /// Weights once; activations anew in each product, on scales of their own ranges.
  case dynamic(Int8Convention)
  /// Weights once; activations on scales that calibration fixes.
  case calibrated(Int8Convention, by: Int8Calibration)

  /// 8 bits, activations quantized while the model runs.
  public static var dynamicInt8: QuantizationMethod { .dynamicInt8() }

  /// 8 bits, activations quantized while the model runs.
  ///
  /// - Parameters:
  ///   - activations: what shares a scale: a row (a token) or the whole tensor.
  ///   - grid: of activations: symmetric, or affine as PyTorch and ONNX have it.
  ///   - reduceRange: activations of 7 bits, for equal integers with kernels that saturate (`Int8Convention`).
  ///   - weights: `narrow` (max|w| / 127) or PyTorch's `full` (2 · max|w| / 255).
  ///   - weightScales: one an output row, or one a matrix.
  public static func dynamicInt8(
    activations: Int8Convention.Granularity = .row, grid: Int8Convention.Grid = .symmetric, reduceRange: Bool = false,
    weights: Int8Convention.WeightGrid = .narrow, weightScales: Int8Convention.WeightGranularity = .row
  ) -> QuantizationMethod {
    .dynamic(
      Int8Convention(
        granularity: activations, grid: grid, reducesRange: reduceRange, weights: weights,
        weightGranularity: weightScales))
  }

  /// 8 bits, activations on one fixed scale a layer, found on texts like those that the model will see.
  ///
  /// - Parameters:
  ///   - calibration: texts; their labels do not count. Take them from `train` or `dev`, never from what is reported on.
  ///   - examples: how many of them, spread evenly over the set; 100 to 1,000 are advised.
  ///   - observer: how a range is found.
  ///   - grid: of activations; affine wastes no integers on the negative side of GELU's outputs.
  ///   - batch: texts that one observation of `movingAverage` is about.
  ///   - length: longer texts are cut to this many tokens.
  public static func staticInt8<Kind: TaskKind>(
    calibration: Ref<TaskData<Kind>>, examples: Int = 256, observer: RangeObserver = .minMax,
    grid: Int8Convention.Grid = .affine, reduceRange: Bool = false, weights: Int8Convention.WeightGrid = .narrow,
    weightScales: Int8Convention.WeightGranularity = .row, batch: Int = 32, length: Int = 128
  ) -> QuantizationMethod {
    .calibrated(
      .fixed(grid: grid, reducesRange: reduceRange, weights: weights, weightGranularity: weightScales),
      by: Int8Calibration(
        data: calibration.examples, examples: examples, observer: observer, batch: batch, length: length))
  }

  var convention: Int8Convention {
    switch self {
    case .dynamic(let convention), .calibrated(let convention, _): convention
    }
  }
}

/// What the ranges of activations are found on.
public struct Int8Calibration: Codable, Sendable {
  var data: Ref<TaskData<AnyTask>>
  var examples: Int
  var observer: RangeObserver
  var batch: Int
  var length: Int

  /// Notes what is wrong with the values.
  func check(_ forecast: inout Forecast, positions: Int?) {
    forecast.require(
      examples >= 1, "method.examples", "A calibration on \(examples) texts finds no range.",
      remedy: "Give 100 to 1,000.")
    if examples >= 1, !(100...1_000).contains(examples) {
      forecast.warn(
        "method.examples", "Ranges are found on \(examples) texts.", remedy: "100 to 1,000 are usual and enough.")
    }
    forecast.require(
      forecast[data].examples != 0, "method.data", "There are no texts to calibrate on.",
      remedy: "Calibrate on another part, such as dev.")
    forecast.require(
      batch >= 1, "method.batch", "A batch has \(batch) texts, not at least 1.", remedy: "Give a positive number.")
    for (field, message) in observer.faults {
      forecast.fault("method.observer.\(field)", message, remedy: "Change this option.")
    }
    forecast.check(length: length, positions: positions)
  }

  /// The ranges of a model's activations.
  func ranges(of model: StoredModel, convention: Int8Convention, in context: StageContext) throws
    -> [String: ValueRange]
  {
    let all = try context.load(data).examples()
    guard !all.isEmpty else {
      throw RetortError(
        "quantize.calibration", "There are no texts to calibrate on.",
        remedy: "Calibrate on another part, such as dev.", at: Place(field: "method.data"))
    }
    // Evenly over the set, which may be in order of its labels.
    let count = min(max(1, examples), all.count)
    let chosen = (0..<count).map { all[$0 * all.count / count] }
    let texts = try EncodedTexts(
      chosen, by: model.tokenizer, longest: min(length, model.bert.configuration.longestInput))
    let size = max(1, batch)
    let batches = try rethrowing {
      try stride(from: 0, to: count, by: size).map { try texts.packed($0..<min($0 + size, count)) }
    }
    return try Calibration(BertCheckpoint(model.bert, values: model.values), observer: observer, convention: convention)
      .ranges(over: batches, on: ThreadTeam(context.threads)) { done, total in
        context.report(Progress(Double(done), of: Double(total), unit: "batches"))
        try context.checkCancellation()
      }
  }
}
