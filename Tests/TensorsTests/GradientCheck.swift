import Tensors
import Testing

/// Compares the gradients that a graph computes with central differences, in double.
///
/// - Parameters:
///   - shapes: the inputs' shapes; their values are random normals of the seed, times `spread`.
///   - loss: builds the pass and its losses from the inputs; it is run twice for every input element.
func checkGradients(
  _ shapes: [(rows: Int, columns: Int)], spread: Double = 1, seed: UInt64 = 5,
  randomness: Randomness? = nil, sourceLocation: SourceLocation = #_sourceLocation,
  _ loss: (Graph<Double>, [Tensor<Double>]) throws -> Void
) throws {
  var random = RandomStream(seed: seed, purpose: .generation)
  var inputs = shapes.map { shape in (0..<shape.rows * shape.columns).map { _ in spread * random.normal() } }
  let graph = try Graph<Double>()
  graph.keepsGradients = true

  func run(recording: Bool) throws -> [Tensor<Double>] {
    graph.begin(recording: recording, randomness: randomness)
    let tensors = try zip(inputs, shapes).map { try graph.variable($0, rows: $1.rows, columns: $1.columns) }
    try loss(graph, tensors)
    return tensors
  }

  let tensors = try run(recording: true)
  graph.backward()
  let analytic = tensors.map { graph.gradient(of: $0) ?? [Double](repeating: 0, count: $0.count) }
  let step = 1e-5
  for input in inputs.indices {
    for element in inputs[input].indices {
      let value = inputs[input][element]
      inputs[input][element] = value + step
      _ = try run(recording: false)
      let above = graph.loss
      inputs[input][element] = value - step
      _ = try run(recording: false)
      let numeric = (above - graph.loss) / (2 * step)
      inputs[input][element] = value
      let difference = abs(numeric - analytic[input][element])
      #expect(
        difference <= 1e-6 * max(1, abs(numeric)),
        "input \(input) element \(element): \(analytic[input][element]), by differences \(numeric)",
        sourceLocation: sourceLocation)
    }
  }
}

/// Coefficients that make a scalar of an operation's output, different for each element.
func coefficients(_ count: Int, seed: UInt64 = 17) -> [Double] {
  var random = RandomStream(seed: seed, purpose: .generation, step: 1)
  return (0..<count).map { _ in random.normal() }
}
