import Foundation
import RetortTesting
import Tensors
import Testing

/// Attention against the formula written out, with masks from the published block function.
struct AttentionTests {
  private struct Expected {
    var context: [Double]
    var probabilities: [Double] = []
    var scores: [Double] = []
  }

  private func formula(
    _ x: [Float], heads: Int, size: Int, lengths: [Int], rate: Double, firstRow: Int
  ) -> Expected {
    let width = heads * size
    var expected = Expected(context: [Double](repeating: 0, count: x.count / 3))
    func at(_ row: Int, _ part: Int, _ head: Int, _ column: Int) -> Double {
      Double(x[row * 3 * width + part * width + head * size + column])
    }
    var first = 0
    for length in lengths {
      let quarter = (length + 3) / 4
      for head in 0..<heads {
        for i in first..<first + length {
          let scores = (first..<first + length).map { j in
            (0..<size).reduce(0) { $0 + at(i, 0, head, $1) * at(j, 1, head, $1) } / Double(size).squareRoot()
          }
          let exponentials = scores.map { exp($0 - (scores.max() ?? 0)) }
          let total = exponentials.reduce(0, +)
          expected.scores += scores
          expected.probabilities += exponentials.map { $0 / total }
          for key in 0..<length {
            let block = UInt32(key % quarter) + UInt32(head) << 20
            let words = Philox.block(
              SIMD4(block, UInt32(firstRow + i), 0x8000_0001, 6), key: Philox.key(seed: 5))
            let kept = Double(words[key / quarter]) >= rate * 4_294_967_296
            let weight = kept ? exponentials[key] / total / (1 - rate) : 0
            for column in 0..<size {
              expected.context[i * width + head * size + column] += weight * at(first + key, 2, head, column)
            }
          }
        }
      }
      first += length
    }
    return expected
  }

  @Test(arguments: [0, 0.3])
  func equalsTheFormula(rate: Double) throws {
    var random = RandomStream(seed: 8, purpose: .generation)
    for (heads, size, lengths) in [(1, 1, [1]), (3, 5, [2, 17, 1, 8]), (2, 16, [33, 16]), (12, 32, [13, 9])] {
      let tokens = lengths.reduce(0, +)
      let x = (0..<tokens * 3 * heads * size).map { _ in Float(random.normal()) }
      let graph = try Graph<Float>()
      graph.begin(recording: false, randomness: Randomness(seed: 5, step: 6))
      let result = try graph.attention(
        graph.constant(x, rows: tokens, columns: 3 * heads * size), heads: heads,
        offsets: lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) }, dropout: rate, firstRow: 40,
        exposesScores: true)
      let expected = formula(x, heads: heads, size: size, lengths: lengths, rate: rate, firstRow: 40)
      #expect(relativeDifference(result.context.values, expected.context) < 1e-5)
      #expect(relativeDifference(result.probabilities.values, expected.probabilities) < 1e-6)
      #expect(relativeDifference(try #require(result.scores).values, expected.scores) < 1e-5)
    }
  }
}
