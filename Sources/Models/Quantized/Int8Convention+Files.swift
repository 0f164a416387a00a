import Artifacts

/// The convention as `config.json` holds it, under `retort_quantization`.
extension Int8Convention {
  static let key = "retort_quantization"

  var json: JSONValue {
    .object([
      .init("activation_bits", .number(activationBits)),
      .init("activation_granularity", .string(granularity.rawValue)), .init("activation_grid", .string(grid.rawValue)),
      .init("activation_range", .string(ranges.rawValue)),
      .init("weight_bits", .number(8)), .init("weight_granularity", .string(weightGranularity.rawValue)),
      .init("weight_grid", .string(weights.rawValue)),
    ])
  }

  init(_ value: JSONValue, file: FilePath) throws {
    func wrong(_ field: String, _ wanted: String) -> RetortError {
      refusal(
        "model.badConfiguration", "It should be \(wanted).", at: file.string, field: "\(Self.key).\(field)")
    }
    func choice<Value: RawRepresentable & CaseIterable>(_ field: String, _ standard: Value? = nil) throws -> Value
    where Value.RawValue == String {
      // Folders from before there was a choice do not name it.
      if let standard, value[field] == nil { return standard }
      guard let choice = value[field]?.text.flatMap(Value.init(rawValue:)) else {
        throw wrong(field, Value.allCases.map(\.rawValue).joined(separator: " or "))
      }
      return choice
    }
    guard value["weight_bits"]?.integer == 8 else { throw wrong("weight_bits", "8") }
    let weightGranularity: WeightGranularity = try choice("weight_granularity")
    let weights: WeightGrid = try choice("weight_grid")
    let granularity: Granularity = try choice("activation_granularity")
    let grid: Grid = try choice("activation_grid")
    let ranges: Ranges = try choice("activation_range", .dynamic)
    let bits = value["activation_bits"] == nil ? 8 : value["activation_bits"]?.integer ?? 0
    guard (7...8).contains(bits) else { throw wrong("activation_bits", "8 or 7") }
    switch ranges {
    case .dynamic:
      self.init(
        granularity: granularity, grid: grid, reducesRange: bits == 7, weights: weights,
        weightGranularity: weightGranularity)
    case .static:
      guard granularity == .tensor else { throw wrong("activation_granularity", "tensor") }
      self = .fixed(grid: grid, reducesRange: bits == 7, weights: weights, weightGranularity: weightGranularity)
    }
  }
}
