import Tensors

/// Sentences about values outside their range, for the `faults` of configurations.
///
/// - Parameter sizes: key, value and greatest value.
func rangeFaults(_ sizes: [(String, Int, Int)]) -> [String] {
  sizes.filter { $0.1 < 1 || $0.1 > $0.2 }.map { "\($0.0) must be from 1 to \($0.2), not \($0.1)" }
}

func rateFault(_ key: String, _ rate: Double) -> String? {
  rate >= 0 && rate < 1 ? nil : "\(key) must be at least 0 and below 1, not \(rate)"
}

/// - Throws: `TensorError.shape` for a number of outputs that no head has.
func checkOutputs(_ outputs: Int, of model: String) throws(TensorError) {
  guard (1...1 << 20).contains(outputs) else {
    throw .shape(operation: model, detail: "a classifier cannot have \(outputs) outputs")
  }
}
