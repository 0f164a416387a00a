import Artifacts
import Tensors

extension Bert {
  /// The model with blocks of one width, which other tools read: heads and neurons that are missing come back as zeros.
  ///
  /// A head whose values are 0 adds 0 through the attention's output, a neuron adds its activation at 0, which is 0, times a
  /// weight of 0: outputs are the same but for the order of sums. The file grows to what it was before pruning, or for neurons to
  /// the widest block.
  public func equalizingBlocks(of values: FlatBuffer<Float>) throws -> (bert: Bert, values: FlatBuffer<Float>) {
    guard let shapes = configuration.blockShapes else { return (self, values) }
    var plain = configuration
    plain.blockShapes = nil
    plain.intermediateSize = shapes.map(\.intermediateSize).max() ?? plain.intermediateSize
    let wide = try Bert(plain, head: head)
    let result = FlatBuffer<Float>(count: wide.layout.count)
    result.write(repeatElement(0, count: result.count), at: 0)
    for entry in wide.layout.entries {
      let source = try layout.entry(entry.name)
      let (extent, goal) = (source.extent, entry.extent)
      guard extent.columns != goal.columns else {
        result.write(values[source.range], at: entry.offset)
        continue
      }
      for row in 0..<extent.rows {
        (result.pointer + entry.offset + row * goal.columns).update(
          from: values.pointer + source.offset + row * extent.columns, count: extent.columns)
      }
    }
    return (wide, result)
  }
}
