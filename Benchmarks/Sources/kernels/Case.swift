import CKernels
import Tensors

/// One hot loop at a shape that BERT gives it.
struct Case {
  let name: String
  /// What a call does: operations of a product, else elements.
  let work: Double
  let unit: String
  let body: () -> Void

  init(_ name: String, _ work: Int, _ unit: String, _ body: @escaping () -> Void) {
    (self.name, self.work, self.unit, self.body) = (name, Double(work), unit, body)
  }

  /// The best of several rates, in units a second.
  func rate(rounds: Int) -> Double {
    let clock = ContinuousClock()
    body()
    // About 20 ms a round, so that the clock's grain does not count.
    let once = max(clock.measure(body).inSeconds, 1e-7)
    let count = max(1, Int(0.02 / once))
    let best = (0..<max(1, rounds)).map { _ in clock.measure { for _ in 0..<count { body() } }.inSeconds }.min() ?? 1
    return work * Double(count) / best
  }
}

/// Memory that lives as long as the cases that use it.
func numbers(_ count: Int, _ seed: Int = 1) -> FlatBuffer<Float> {
  FlatBuffer((0..<count).map { Float(($0 * 37 + seed * 101) % 199) / 199 - 0.5 })
}

extension Duration {
  fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
