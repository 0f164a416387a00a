import Tensors

/// A parameter of a block in which each head or neuron has a part of its own.
public enum UnitParameter: Sendable, Hashable {
  /// `attention.output.dense.weight`: a head's columns.
  case attentionOutput
  /// `intermediate.dense.weight`: a neuron's row.
  case intermediateWeight
  /// `intermediate.dense.bias`: a neuron's element.
  case intermediateBias
  /// `output.dense.weight`: a neuron's column.
  case output

  func place(inBlock index: Int) -> UnitPlace {
    let block = BertNames.block(index)
    return switch self {
    case .attentionOutput:
      UnitPlace(parameter: "\(block).attention.output.dense.weight", unit: .heads, axis: .columns)
    case .intermediateWeight: UnitPlace(parameter: "\(block).intermediate.dense.weight", unit: .neurons, axis: .rows)
    case .intermediateBias: UnitPlace(parameter: "\(block).intermediate.dense.bias", unit: .neurons, axis: .rows)
    case .output: UnitPlace(parameter: "\(block).output.dense.weight", unit: .neurons, axis: .columns)
    }
  }
}

extension Bert {
  /// Σ value · gradient over each unit's part of a parameter: by how much the loss would fall, to first order, if the part
  /// were 0.
  ///
  /// - Parameters:
  ///   - block: from 0.
  ///   - gradients: in the layout of `values`.
  /// - Returns: a sum a unit, in double precision.
  /// - Throws: `TensorError.parameter` for a block that the model does not have.
  public func unitProducts(
    _ parameter: UnitParameter, block: Int, values: FlatBuffer<Float>, gradients: FlatBuffer<Float>
  ) throws(TensorError) -> [Double] {
    let place = parameter.place(inBlock: block)
    let entry = try layout.entry(place.parameter)
    let (rows, columns) = entry.extent
    let (value, gradient) = (values.pointer + entry.offset, gradients.pointer + entry.offset)
    let width = width(of: place.unit)
    var sums = [Double](repeating: 0, count: place.axis == .rows ? rows : columns)
    sums.withUnsafeMutableBufferPointer { sums in
      for row in 0..<rows {
        let start = row * columns
        if place.axis == .columns {
          for column in 0..<columns { sums[column] += Double(value[start + column]) * Double(gradient[start + column]) }
        } else {
          var sum = 0.0
          for column in 0..<columns { sum += Double(value[start + column]) * Double(gradient[start + column]) }
          sums[row] = sum
        }
      }
    }
    guard width > 1 else { return sums }
    return stride(from: 0, to: sums.count, by: width).map { sums[$0..<$0 + width].reduce(0, +) }
  }
}
