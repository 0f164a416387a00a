import Testing

@testable import Models

/// Sequences as the inputs of an ONNX file: padded to the longest and `padding` tokens more.
struct PaddedBatch {
  let inputs: [String: GraphValue]
  /// The row in [sequences · length] of each token of the packed batch.
  let rows: [Int]
  let length: Int

  /// - Parameter emptyRows: rows of nothing but padding, behind the others.
  init(_ batch: PackedBatch, padding: Int = 0, emptyRows: Int = 0) {
    let counts = (0..<batch.sequenceCount).map { Int(batch.offsets[$0 + 1] - batch.offsets[$0]) }
    let length = (counts.max() ?? 0) + padding
    let shape = [counts.count + emptyRows, length]
    var (ids, mask, types) = ([Double](), [Double](), [Double]())
    var rows: [Int] = []
    for (sequence, count) in counts.enumerated() {
      let start = Int(batch.offsets[sequence])
      rows += (0..<count).map { sequence * length + $0 }
      // Padding has a word and a segment that would be seen if the mask let them through.
      let rest = [Double](repeating: 1, count: length - count)
      ids += batch.ids[start..<start + count].map(Double.init) + rest.map { _ in 5 }
      types += batch.typeIDs[start..<start + count].map(Double.init) + rest
      mask += [Double](repeating: 1, count: count) + rest.map { _ in 0 }
    }
    let nothing = [Double](repeating: 0, count: emptyRows * length)
    inputs = [
      "input_ids": GraphValue(.int64, shape, ids + nothing),
      "attention_mask": GraphValue(.int64, shape, mask + nothing),
      "token_type_ids": GraphValue(.int64, shape, types + nothing),
    ]
    (self.rows, self.length) = (rows, length)
  }
}

extension ONNXModel {
  /// What the file gives by the operators' definitions.
  func outputs(for batch: PaddedBatch) throws -> [String: GraphValue] {
    try GraphInterpreter(bytes()).run(batch.inputs)
  }

  /// The logits of each sequence, or of chosen tokens: one row after the other.
  func logits(_ batch: PaddedBatch, at tokens: [Int]? = nil) throws -> [Float] {
    let value = try #require(outputs(for: batch)["logits"])
    guard let tokens else { return value.numbers.map { Float($0) } }
    let width = value.shape[value.shape.count - 1]
    return tokens.flatMap { value.numbers[batch.rows[$0] * width..<(batch.rows[$0] + 1) * width].map { Float($0) } }
  }
}
