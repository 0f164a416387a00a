import Tensors

/// Where a block's heads or neurons lie in one of its parameters: along its rows or its columns.
struct UnitPlace {
  enum Axis { case rows, columns }

  let parameter: String
  let unit: PrunableUnit
  let axis: Axis

  /// All places of a block: query, key and value have a head in some rows, the attention's output in some columns; the
  /// intermediate layer has a neuron in a row, the output layer in a column.
  static func all(inBlock index: Int) -> [UnitPlace] {
    let block = BertNames.block(index)
    let projections = BertNames.projections(index, "weight") + BertNames.projections(index, "bias")
    return projections.map { UnitPlace(parameter: $0, unit: .heads, axis: .rows) } + [
      UnitPlace(parameter: "\(block).attention.output.dense.weight", unit: .heads, axis: .columns),
      UnitPlace(parameter: "\(block).intermediate.dense.weight", unit: .neurons, axis: .rows),
      UnitPlace(parameter: "\(block).intermediate.dense.bias", unit: .neurons, axis: .rows),
      UnitPlace(parameter: "\(block).output.dense.weight", unit: .neurons, axis: .columns),
    ]
  }

  /// The rows or columns of units that are `width` wide each.
  static func lines(of units: [Int], width: Int) -> [Int] { units.flatMap { $0 * width..<($0 + 1) * width } }
}

extension Bert {
  /// Rows or columns that a unit takes in each of its parameters.
  func width(of unit: PrunableUnit) -> Int { unit == .heads ? configuration.headSize : 1 }
}

extension ParameterLayout.Entry {
  /// Rows and columns of a matrix; a vector is a column, so that its elements are rows.
  var extent: (rows: Int, columns: Int) {
    let rows = shape.first ?? 0
    return (rows, rows == 0 ? 0 : count / rows)
  }
}
