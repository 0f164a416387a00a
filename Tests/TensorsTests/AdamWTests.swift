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
      let moments = AdamWMoments()
      let factors = moments.step(step, learningRate: 5e-3, decay: 0.1, gradientScale: min(1, 2 / (norm + 1e-6)))
      for range in [0..<20, 20..<37] {
        AdamWRun(range, values: values, first: first, second: second).update(
          gradients.pointer + range.lowerBound, factors, moments)
      }
      #expect(relativeDifference(values[0..<37], try golden.floats("parameter.\(step)")) < 1e-6, "step \(step)")
    }
  }

  @Test func idleStepsGiveTheBitsOfStepsWithoutGradients() throws {
    let count = 70
    let start = FlatBuffer((0..<count).map { Float(($0 * 37) % 19) / 19 - 0.5 })
    func moment(_ scale: Float) -> FlatBuffer<Float> {
      // The first 32 were never touched.
      FlatBuffer((0..<count).map { $0 < 32 ? 0 : Float(($0 * 13) % 11) * scale })
    }
    let moments = AdamWMoments()
    let steps = (5..<905).map { moments.step($0, learningRate: 1e-3 / Double($0), decay: 0.01, gradientScale: 0.3) }
    let (whole, idle) = (start.copy(), start.copy())
    let (first, second, zeros) = (moment(1e-3), moment(1e-6), FlatBuffer<Float>(count: count))
    for step in steps {
      AdamWRun(0..<count, values: whole, first: first, second: second).update(zeros.pointer, step, moments)
    }
    let (later, latest) = (moment(1e-3), moment(1e-6))
    AdamWRun(0..<count, values: idle, first: later, second: latest).idle(steps[...], moments)
    for (one, other) in [(whole, idle), (first, later), (second, latest)] {
      #expect(one[0..<count].map(\.bitPattern) == other[0..<count].map(\.bitPattern))
    }
    #expect(first[40..<41][0] == 0, "what would be denormal is 0")
  }
}
