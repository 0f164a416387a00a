import RetortTesting
import Tensors
import Testing

struct AdamWTests {
  @Test func fiveStepsEqualPyTorch() throws {
    let golden = try Golden("adamw")
    let values = FlatBuffer(try golden.floats("start"))
    let (first, second) = (FlatBuffer<Float>(count: 37), FlatBuffer<Float>(count: 37))
    for step in 1...5 {
      let gradients = FlatBuffer(try golden.floats("gradient.\(step)"))
      let norm = gradients.squaredNorm().squareRoot()
      #expect(relativeDifference([norm], try golden.floats("norm.\(step)")) < 1e-6)
      // PyTorch divides by norm + 1e-6.
      let sweep = AdamWSweep(
        learningRate: 5e-3, decay: 0.1, step: step, gradientScale: min(1, 2 / (norm + 1e-6)))
      for range in [0..<20, 20..<37] {
        sweep.apply(range, values: values, gradients: gradients, first: first, second: second)
      }
      #expect(relativeDifference(values[0..<37], try golden.floats("parameter.\(step)")) < 1e-6, "step \(step)")
    }
  }
}
