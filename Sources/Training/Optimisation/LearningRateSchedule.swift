/// How the learning rate changes over a run: a linear warm-up from 0, then a shape.
///
/// The factors are those of Hugging Face's `get_linear_schedule_with_warmup` and `get_constant_schedule_with_warmup`.
public struct LearningRateSchedule: Sendable, Hashable, Codable {
  public enum Shape: String, Sendable, Codable {
    /// Down to 0 at the end.
    case linear
    case constant
  }

  /// The share of all steps that warm up.
  public var warmup: Double
  public var shape: Shape

  public init(warmup: Double = 0.1, shape: Shape = .linear) {
    self.warmup = warmup
    self.shape = shape
  }

  /// Steps that warm up, of `total`.
  public func warmupSteps(of total: Int) -> Int { Int((warmup * Double(total)).rounded(.toNearestOrEven)) }

  /// The factor for the step after `step` others.
  public func factor(step: Int, of total: Int) -> Double {
    let rising = warmupSteps(of: total)
    if step < rising { return Double(step) / Double(max(1, rising)) }
    switch shape {
    case .constant: return 1
    case .linear: return max(0, Double(total - step) / Double(max(1, total - rising)))
    }
  }

  /// What is wrong with the values: a field and a sentence each.
  public var faults: [(field: String, message: String)] {
    warmup >= 0 && warmup < 1 ? [] : [("warmup", "The share of steps that warm up is \(warmup), not in 0 ..< 1.")]
  }
}
