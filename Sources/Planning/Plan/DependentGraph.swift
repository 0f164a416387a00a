/// For each step those that its output flows into, in two flat arrays.
struct DependentGraph: Sendable {
  /// Where each step's dependents begin; one entry more than steps.
  private let starts: [Int32]
  private let list: [Int32]

  init(inputs: [[Step.Input]]) {
    var counts = [Int32](repeating: 0, count: inputs.count + 1)
    Self.forEachPair(inputs) { producer, _ in counts[producer + 1] += 1 }
    for index in counts.indices.dropFirst() { counts[index] += counts[index - 1] }
    starts = counts
    var list = [Int32](repeating: 0, count: Int(counts.last ?? 0))
    Self.forEachPair(inputs) { producer, consumer in
      list[Int(counts[producer])] = Int32(consumer)
      counts[producer] += 1
    }
    self.list = list
  }

  func dependents(of step: Int) -> ArraySlice<Int32> { list[Int(starts[step])..<Int(starts[step + 1])] }
  func count(of step: Int) -> Int { Int(starts[step + 1] - starts[step]) }

  /// Each producer and consumer once, though several edges may join them.
  private static func forEachPair(_ inputs: [[Step.Input]], _ body: (Int, Int) -> Void) {
    var last = [Int32](repeating: -1, count: inputs.count)
    for (consumer, edges) in inputs.enumerated() {
      for edge in edges where last[edge.step] != Int32(consumer) {
        last[edge.step] = Int32(consumer)
        body(edge.step, consumer)
      }
    }
  }
}
