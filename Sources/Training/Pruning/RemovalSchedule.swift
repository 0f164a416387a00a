import Models

/// How many units of one kind are left after each iteration.
///
/// (total − target) units go in n iterations: their quotient by n each, and one more in the first iterations, as many as
/// the remainder says (TextPruner, Yang et al. 2022). With an even distribution a block keeps what a share of the whole model's total is,
/// rounded down.
public struct RemovalSchedule: Sendable, Hashable {
  /// Units of each block at first.
  public let counts: [Int]
  /// Units of each block in the end, on average.
  public let targets: [Int]
  public let iterations: Int

  /// - Parameters: counts, targets: as many as blocks; no target is above its count.
  public init(counts: [Int], targets: [Int], iterations: Int) {
    (self.counts, self.targets, self.iterations) = (counts, targets, max(1, iterations))
  }

  private var removals: Int { counts.reduce(0, +) - targets.reduce(0, +) }

  /// Units that are gone after an iteration, from 0.
  private func removed(after iteration: Int) -> Int {
    let (each, rest) = removals.quotientAndRemainder(dividingBy: iterations)
    return (iteration + 1) * each + min(iteration + 1, rest)
  }

  /// Units of all blocks that are left after an iteration, from 0.
  public func total(after iteration: Int) -> Int { counts.reduce(0, +) - removed(after: iteration) }

  /// Units of each block that are left after an iteration, from 0, where all lose the same share of what they have to.
  public func perBlock(after iteration: Int) -> [Int] {
    zip(counts, targets).map { count, target in
      guard removals > 0 else { return count }
      let gone = removed(after: iteration) * (count - target)
      return count - (gone + removals - 1) / removals
    }
  }
}
