import Models
import Testing

@testable import Training

/// Counts of the technique's description (techniques A.3), and what holds for all.
struct RemovalScheduleTests {
  private func schedule(_ count: Int, _ target: Int, blocks: Int, iterations: Int) -> RemovalSchedule {
    RemovalSchedule(
      counts: .init(repeating: count, count: blocks), targets: .init(repeating: target, count: blocks),
      iterations: iterations)
  }

  @Test func twelveTimesTwelveHeads() {
    let heads = schedule(12, 8, blocks: 12, iterations: 5)
    #expect((0..<5).map(heads.total) == [134, 124, 114, 105, 96])
    #expect((0..<5).map { heads.perBlock(after: $0)[7] } == [11, 10, 9, 8, 8])
  }

  @Test func neurons() {
    let neurons = schedule(3_072, 2_048, blocks: 12, iterations: 16)
    let totals = [36_864] + (0..<16).map(neurons.total)
    #expect(zip(totals, totals.dropFirst()).allSatisfy { $0 - $1 == 768 })
    #expect(totals.last == 24_576)
    #expect(neurons.perBlock(after: 0) == .init(repeating: 3_008, count: 12))
  }

  /// Each block keeps ⌊total ÷ blocks⌋, where all are alike; in the end exactly the target.
  @Test(arguments: 1...30) func evenBlocks(seed: Int) {
    let (count, blocks, iterations) = (3 + seed % 11, 1 + seed % 5, 1 + seed % 7)
    for target in 1...count {
      let schedule = schedule(count, target, blocks: blocks, iterations: iterations)
      for step in 0..<iterations {
        #expect(schedule.perBlock(after: step) == .init(repeating: schedule.total(after: step) / blocks, count: blocks))
      }
      #expect(schedule.perBlock(after: iterations - 1) == .init(repeating: target, count: blocks))
    }
  }

  /// Blocks of unlike widths all come down to their own targets, and never below.
  @Test func unevenBlocks() {
    let schedule = RemovalSchedule(counts: [12, 6, 4], targets: [6, 3, 4], iterations: 4)
    let steps = (0..<4).map(schedule.perBlock)
    #expect(steps.last == [6, 3, 4])
    for (before, after) in zip([[12, 6, 4]] + steps, steps) {
      #expect(zip(before, after).allSatisfy { $0 >= $1 })
    }
    #expect(steps.allSatisfy { $0[2] == 4 })
  }

  @Test(arguments: [
    (12, 0.5, 1, 6), (12, 0.3, 1, 8), (3, 0.5, 1, 2), (10, 0.3, 1, 7), (5, 0.9, 1, 1), (512, 0.3, 8, 360),
    (512, 0.5, 8, 256), (10, 0, 8, 10), (10, 0.1, 8, 8),
  ])
  func shares(count: Int, share: Double, group: Int, expected: Int) {
    #expect(PruningTarget.ffn(removing: share).kept(of: count, multipleOf: group) == expected)
  }

  @Test func faults() {
    func fields(_ options: PruningOptions, heads: Int? = 4, neurons: Int? = 24) -> [String] {
      options.faults(heads: heads, neurons: neurons).map(\.field)
    }
    #expect(fields(PruningOptions([.heads(removing: 0.5), .ffn(removing: 0.3)])) == [])
    #expect(fields(PruningOptions([])) == ["targets"])
    #expect(fields(PruningOptions([.heads(keeping: 2), .heads(removing: 0.5)])) == ["targets"])
    #expect(
      fields(PruningOptions([.heads(removing: 1), .ffn(keeping: 0)], iterations: 0, multipleOf: 0, batchSize: 0))
        == ["iterations", "batchSize", "multipleOf", "heads", "ffn"])
    #expect(fields(PruningOptions([.heads(removing: .nan), .ffn(removing: -0.1)])) == ["heads", "ffn"])
    // All of a small block's units would go: the defect of the reference (target 0) is refused.
    #expect(fields(PruningOptions([.heads(removing: 0.9)])) == ["heads"])
    #expect(fields(PruningOptions([.heads(removing: 0.9)]), heads: nil) == [])
    #expect(fields(PruningOptions([.heads(keeping: 5), .ffn(keeping: 12)], multipleOf: 8)) == ["heads", "ffn"])
    #expect(fields(PruningOptions([.ffn(removing: 0.5)], distribution: .uneven, multipleOf: 5)) == ["multipleOf"])
    #expect(fields(PruningOptions([.ffn(removing: 0.5)], multipleOf: 5)) == [])
    #expect(PruningOptions([]).faults(heads: nil, neurons: nil).allSatisfy { !$0.remedy.isEmpty })
  }
}
