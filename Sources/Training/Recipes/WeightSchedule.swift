import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a loss's weight changes over a phase. It multiplies the weight.
public enum WeightSchedule: Sendable, Hashable, Codable {
  case constant
  /// 1 − x, where x is the share of the phase's steps that are done.
  case linearDecay
  /// x.
  case linearGrowth
  /// exp(−5 · (1 − min(t, ramp) / ramp)²), t in steps (Laine and Aila 2017).
  case sigmoidRamp(steps: Int)
  /// 1 from step `from` on and before step `to`, else 0.
  case gate(from: Int, to: Int)

  /// - Parameters: step: steps done; total: of the phase.
  public func factor(step: Int, of total: Int) -> Double {
    let share = Double(step) / Double(max(1, total))
    switch self {
    case .constant: return 1
    case .linearDecay: return 1 - share
    case .linearGrowth: return share
    case .sigmoidRamp(let steps):
      guard steps > 0 else { return 1 }
      let rest = 1 - Double(min(step, steps)) / Double(steps)
      return exp(-5 * rest * rest)
    case .gate(let from, let to): return (from..<max(from, to)).contains(step) ? 1 : 0
    }
  }
}
