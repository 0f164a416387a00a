import RetortTesting
import Tensors
import Testing

/// The products of linear layers, of each instruction set, against sums in double precision.
struct ProductTests {
  /// Rows, inputs, outputs: none, below, at and above tiles, panels and blocks of tokens.
  private static let shapes = [
    (0, 5, 3), (1, 1, 1), (3, 17, 5), (13, 32, 33), (14, 33, 14), (15, 16, 31), (29, 130, 47), (61, 48, 200),
    (300, 40, 70),
    (513, 19, 15),
  ]

  @Test(arguments: KernelTests.instructionSets)
  func valuesAndGradients(name: String) throws {
    for (rows, inputs, outputs) in Self.shapes {
      let (x, w) = (coefficients(rows * inputs, seed: 1), coefficients(outputs * inputs, seed: 2))
      let (bias, dy) = (coefficients(outputs, seed: 3), coefficients(rows * outputs, seed: 4))
      let graph = try Graph<Float>(kernels: Kernels.named(name))
      graph.keepsGradients = true
      graph.begin(recording: true)
      func variable(_ values: [Double], _ rows: Int, _ columns: Int) throws -> Tensor<Float> {
        try graph.variable(values.map { Float($0) }, rows: rows, columns: columns)
      }
      let (input, weight) = (try variable(x, rows, inputs), try variable(w, outputs, inputs))
      let offset = try variable(bias, 1, outputs)
      let y = try graph.linear(input, weight: weight, bias: offset)
      // Used twice, so that gradients are added to gradients too.
      let again = try graph.linear(input, weight: weight, bias: nil)
      // ½ Σ (y − (y − dy))² has the gradient dy.
      for output in [y, again] {
        let target = zip(output.values, dy).map { $0 - Float($1) }
        try graph.squaredError(output, target: graph.constant(target, rows: rows, columns: outputs), scale: 0.5)
      }
      graph.backward()

      var (value, dx) = ([Double](repeating: 0, count: rows * outputs), [Double](repeating: 0, count: rows * inputs))
      var dw = [Double](repeating: 0, count: outputs * inputs)
      for r in 0..<rows {
        for o in 0..<outputs {
          value[r * outputs + o] = bias[o]
          for i in 0..<inputs {
            value[r * outputs + o] += x[r * inputs + i] * w[o * inputs + i]
            dx[r * inputs + i] += 2 * dy[r * outputs + o] * w[o * inputs + i]
            dw[o * inputs + i] += 2 * dy[r * outputs + o] * x[r * inputs + i]
          }
        }
      }
      let shape = "\(rows) × \(inputs) × \(outputs)"
      #expect(relativeDifference(y.values, value) < 1e-5, "\(shape)")
      #expect(try relativeDifference(#require(graph.gradient(of: input)), dx) < 1e-5, "\(shape)")
      #expect(try relativeDifference(#require(graph.gradient(of: weight)), dw) < 1e-5, "\(shape)")
    }
  }
}
