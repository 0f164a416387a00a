import Tensors
import Testing

struct PairTests {
  @Test func values() throws {
    let graph = try Graph<Float>()
    graph.keepsGradients = true
    graph.begin(recording: true)
    let a = try graph.variable([1, -2, 3, 4], rows: 2, columns: 2)
    let b = try graph.variable([3, -2, -1, 0.5], rows: 2, columns: 2)
    let distance = try graph.absoluteDifference(a, b)
    #expect(distance.values == [2, 0, 4, 3.5])
    #expect(try graph.multiply(a, b).values == [3, 4, -3, 2])
    #expect(try graph.concatenate([a, b, a]).values == [1, -2, 3, -2, 1, -2, 3, 4, -1, 0.5, 3, 4])
    try graph.weightedSum(distance, coefficients: [1, 10, 100, 1_000])
    graph.backward()
    // Where both are equal the gradient is 0.
    #expect(graph.gradient(of: a) == [-1, 0, 100, 1_000])
    #expect(graph.gradient(of: b) == [1, 0, -100, -1_000])
  }

  @Test func refusesWhatDoesNotFit() throws {
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let a = try graph.constant([1, 2], rows: 1, columns: 2)
    let b = try graph.constant([1, 2], rows: 2, columns: 1)
    #expect(throws: TensorError.self) { try graph.absoluteDifference(a, b) }
    #expect(throws: TensorError.self) { try graph.multiply(a, b) }
    #expect(throws: TensorError.self) { try graph.concatenate([a, b]) }
    #expect(throws: TensorError.self) { try graph.concatenate([]) }
  }
}
