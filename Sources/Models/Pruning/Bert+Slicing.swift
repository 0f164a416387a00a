import Artifacts
import Tensors

extension Bert {
  /// A smaller model of the kept units alone; with the others' parameters at 0 this one gives the same outputs.
  ///
  /// Rows of query, key and value (and their biases), columns of the attention's output, rows and biases of the
  /// intermediate layer and columns of the output layer are copied out. A head keeps its width. Where all blocks keep all
  /// their heads and equally many neurons, the result is a plain BERT that other tools read, too.
  ///
  /// - Throws: `prune.units` for units that the model does not have, or a block without any.
  public func slicing(
    _ values: FlatBuffer<Float>, to kept: KeptUnits
  ) throws -> (bert: Bert, values: FlatBuffer<Float>) {
    try require(kept)
    let small = try Bert(configuration.with(shapesOf: kept), head: head)
    let result = FlatBuffer<Float>(count: small.layout.count)
    let places = places
    for entry in small.layout.entries {
      let source = try layout.entry(entry.name)
      guard let (block, place) = places[entry.name] else {
        result.write(values[source.range], at: entry.offset)
        continue
      }
      let lines = UnitPlace.lines(of: kept.blocks[block][place.unit], width: width(of: place.unit))
      let (extent, goal) = (source.extent, entry.extent)
      let (from, to) = (values.pointer + source.offset, result.pointer + entry.offset)
      switch place.axis {
      case .rows:
        for (row, line) in lines.enumerated() {
          (to + row * goal.columns).update(from: from + line * extent.columns, count: extent.columns)
        }
      case .columns:
        for row in 0..<extent.rows {
          for (column, line) in lines.enumerated() {
            to[row * goal.columns + column] = from[row * extent.columns + line]
          }
        }
      }
    }
    return (small, result)
  }

  /// Zeroes the parameters of all units that do not stay, in place.
  ///
  /// - Throws: `prune.units`, and then nothing was changed.
  public func mask(_ values: FlatBuffer<Float>, to kept: KeptUnits) throws {
    try require(kept)
    for (name, (block, place)) in places {
      let entry = try layout.entry(name)
      let stays = Set(kept.blocks[block][place.unit])
      let removed = (0..<configuration.blockShape(block).count(of: place.unit)).filter { !stays.contains($0) }
      let lines = UnitPlace.lines(of: removed, width: width(of: place.unit))
      let (rows, columns) = entry.extent
      let start = values.pointer + entry.offset
      switch place.axis {
      case .rows: for line in lines { (start + line * columns).update(repeating: 0, count: columns) }
      case .columns: for row in 0..<rows { for line in lines { start[row * columns + line] = 0 } }
      }
    }
  }

  private var places: [String: (block: Int, place: UnitPlace)] {
    var places: [String: (block: Int, place: UnitPlace)] = [:]
    for block in 0..<configuration.layerCount {
      for place in UnitPlace.all(inBlock: block) { places[place.parameter] = (block, place) }
    }
    return places
  }

  private func require(_ kept: KeptUnits) throws {
    guard configuration.family.hasPlainBlocks else {
      throw refusal(
        "prune.family", "Heads and neurons of \(configuration.family.title) cannot be cut out.",
        remedy: "Distil it into a BERT, and prune that.")
    }
    let faults = kept.faults(for: configuration)
    guard let first = faults.first else { return }
    let more = faults.count > 1 ? " (and \(faults.count - 1) more)" : ""
    throw refusal(
      "prune.units", "The model cannot be cut so: \(first)\(more).",
      remedy: "Name heads and neurons that it has, at least one of each in every block.")
  }
}

extension BertConfiguration {
  /// The configuration with blocks of the kept widths; plain where all blocks are alike and keep all heads.
  fileprivate func with(shapesOf kept: KeptUnits) -> BertConfiguration {
    var changed = self
    let shapes = kept.blocks.map { BlockShape(headCount: $0.heads.count, intermediateSize: $0.neurons.count) }
    changed.blockShapes = shapes
    if let width = shapes.first?.intermediateSize,
      shapes.allSatisfy({ $0 == BlockShape(headCount: headCount, intermediateSize: width) })
    {
      (changed.blockShapes, changed.intermediateSize) = (nil, width)
    }
    return changed
  }
}
