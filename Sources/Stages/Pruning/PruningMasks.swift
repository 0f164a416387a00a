import Models

/// Masks of the user's own: for each block a flag for each head or neuron, true for what stays.
public struct PruningMasks: Sendable, Hashable, Codable {
  /// [blocks][heads]; nil keeps all.
  public var heads: [[Bool]]?
  /// [blocks][neurons]; nil keeps all.
  public var neurons: [[Bool]]?

  public init(heads: [[Bool]]? = nil, neurons: [[Bool]]? = nil) { (self.heads, self.neurons) = (heads, neurons) }

  private subscript(unit: PrunableUnit) -> [[Bool]]? { unit == .heads ? heads : neurons }

  /// What is wrong for a model with so many blocks, heads and neurons (nil: not known yet).
  func faults(layers: Int?, heads: Int?, neurons: Int?) -> [PruningOptions.Fault] {
    var faults: [PruningOptions.Fault] = []
    if self.heads == nil, self.neurons == nil {
      faults.append(("masks", "No mask is given.", "Give one for heads or for neurons."))
    }
    for unit in PrunableUnit.allCases {
      guard let rows = self[unit] else { continue }
      let field = "masks.\(unit.rawValue)"
      if let layers, rows.count != layers {
        faults.append((field, "There are \(rows.count) masks for \(layers) blocks.", "Give one for each block."))
      }
      let count = unit == .heads ? heads : neurons
      for (block, row) in rows.enumerated() {
        if let count, row.count != count {
          faults.append(
            (field, "Block \(block) has \(count) \(unit.rawValue), its mask \(row.count).", "Give one each."))
        }
        if !row.contains(true) {
          faults.append((field, "Nothing would be left in block \(block).", "Keep at least one."))
        }
      }
    }
    return faults
  }

  /// The numbers of what stays.
  ///
  /// - Throws: `prune.option` where the masks do not fit the model.
  func kept(of configuration: BertConfiguration) throws -> KeptUnits {
    var kept = KeptUnits(all: configuration)
    for unit in PrunableUnit.allCases {
      guard let rows = self[unit] else { continue }
      guard rows.map(\.count) == kept[unit].map(\.count) else {
        throw RetortError(
          "prune.option",
          "The model's blocks have \(kept[unit].map(\.count)) \(unit.rawValue), the masks \(rows.map(\.count)).",
          remedy: "Give a flag for each.", at: Place(field: "masks.\(unit.rawValue)"))
      }
      kept[unit] = rows.map { row in row.indices.filter { row[$0] } }
    }
    return kept
  }
}
