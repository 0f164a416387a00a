import Models
import Tensors
import Testing

@testable import Training

/// Batches that are put in order before they are cut.
struct BalanceTests {
  @Test(arguments: [2, 3, 4]) func shardsHaveNearlyTheSameTokens(shards: Int) throws {
    var random = RandomStream(seed: 5, purpose: .generation)
    var excess = 0.0
    for _ in 0..<50 {
      let texts = EncodedTexts(ids: (0..<60).map { _ in [Int32](repeating: 7, count: 3 + random.integer(below: 40)) })
      let batch = (0..<32).map { _ in random.integer(below: 60) }
      let ordered = texts.balanced(batch, over: shards)
      #expect(ordered.sorted() == batch.sorted())
      let parts = try texts.packed(ordered).shards(shards).map(\.tokenCount)
      let mean = Double(parts.reduce(0, +)) / Double(shards)
      excess += Double(parts.max() ?? 0) / mean - 1
      #expect(Double(parts.max() ?? 0) <= 1.1 * mean, "\(parts)")
    }
    #expect(excess / 50 <= 0.03)
  }

  @Test func whatNeedsNoCutKeepsItsOrder() {
    let texts = EncodedTexts(ids: [[1], [1, 2, 3], [1, 2]])
    #expect(texts.balanced([2, 0, 1], over: 1) == [2, 0, 1])
    #expect(texts.balanced([2, 0, 1], over: 5) == [2, 0, 1])
  }
}
