import Artifacts

/// How the integers of a quantized model stand for real numbers: written into its folder, named in plans and reports.
///
/// Weights: one scale an output row (or embedding row), `max|w| / 127` in f32; integers round(w · (1 / scale)) to
/// nearest even, in ±127; a row of zeros has scale 1. Activations are quantized while the model runs.
public struct Int8Convention: Sendable, Equatable, Hashable, Codable {
  /// What shares one activation scale.
  public enum Granularity: String, Sendable, Codable, CaseIterable {
    /// Each token for itself: an answer does not depend on what else is in the batch.
    case row
    /// The whole batch, as ONNX's and PyTorch's dynamic quantization do it.
    case tensor
  }

  /// The grid of activations.
  public enum Grid: String, Sendable, Codable, CaseIterable {
    /// s8: `max|x| / 127`, integers in ±127, no zero point.
    case symmetric
    /// u8: `(max − min) / 255` over a range widened to hold 0, with a zero point (ONNX `DynamicQuantizeLinear`).
    case affine
  }

  public var granularity: Granularity
  public var grid: Grid

  public init(granularity: Granularity = .row, grid: Grid = .symmetric) {
    (self.granularity, self.grid) = (granularity, grid)
  }

  static let key = "retort_quantization"
}

extension Int8Convention {
  var json: JSONValue {
    .object([
      .init("activation_granularity", .string(granularity.rawValue)), .init("activation_grid", .string(grid.rawValue)),
      .init("weight_bits", .number(8)), .init("weight_granularity", .string("row")),
      .init("weight_grid", .string("symmetric")),
    ])
  }

  init(_ value: JSONValue, file: FilePath) throws {
    func wrong(_ field: String, _ wanted: String) -> RetortError {
      refusal(
        "model.badConfiguration", "It should be \(wanted).", at: file.string, field: "\(Self.key).\(field)")
    }
    guard value["weight_bits"]?.integer == 8 else { throw wrong("weight_bits", "8") }
    guard value["weight_granularity"]?.text == "row" else { throw wrong("weight_granularity", "row") }
    guard value["weight_grid"]?.text == "symmetric" else { throw wrong("weight_grid", "symmetric") }
    guard let granularity = value["activation_granularity"]?.text.flatMap(Granularity.init(rawValue:)) else {
      throw wrong("activation_granularity", "row or tensor")
    }
    guard let grid = value["activation_grid"]?.text.flatMap(Grid.init(rawValue:)) else {
      throw wrong("activation_grid", "symmetric or affine")
    }
    self.init(granularity: granularity, grid: grid)
  }
}
