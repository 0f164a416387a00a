import Foundation
import Testing
import Training

struct TokenMaskingTests {
  private static let specials: Set<Int32> = [0, 1, 2, 3, 4]

  private func masker(_ options: TokenMasking = TokenMasking(), seed: UInt64 = 1, counts: [Int] = []) -> TokenMasker {
    TokenMasker(options, seed: seed, mask: 4, specials: Self.specials, vocabulary: 1_000, counts: counts)
  }

  /// [CLS], `length` ordinary tokens, [SEP].
  private func text(_ length: Int, number: Int) -> [Int32] {
    [2] + (0..<length).map { Int32(5 + ($0 * 31 + number * 7) % 995) } + [3]
  }

  @Test func frequencies() {
    let masker = masker()
    var (candidates, hidden, masked, kept) = (0, 0, 0, 0)
    for number in 0..<4_000 {
      let original = text(8 + number % 40, number: number)
      let result = masker.masked(original, text: number, epoch: 0)
      candidates += original.count - 2
      hidden += result.positions.count
      for (position, label) in zip(result.positions, result.labels) {
        #expect(original[Int(position)] == label)
        if result.ids[Int(position)] == 4 { masked += 1 }
        if result.ids[Int(position)] == label { kept += 1 }
      }
      // Everything else is as it was, the special tokens too.
      let touched = Set(result.positions)
      #expect(original.indices.allSatisfy { touched.contains(Int32($0)) || original[$0] == result.ids[$0] })
    }
    // Bounds of five standard deviations of binomial draws. At most one token a text is rounded at random.
    #expect(abs(Double(hidden) - 0.15 * Double(candidates)) <= 5 * (4_000 * 0.25).squareRoot())
    func isNear(_ count: Int, _ share: Double) -> Bool {
      abs(Double(count) - share * Double(hidden)) <= 5 * (Double(hidden) * share * (1 - share)).squareRoot()
    }
    #expect(isNear(masked, 0.8 + 0.1 / 1_000))
    #expect(isNear(kept, 0.1 + 0.1 / 1_000))
  }

  @Test func everyPositionIsEquallyLikely() {
    let masker = masker()
    var counts = [Int](repeating: 0, count: 22)
    for number in 0..<20_000 {
      for position in masker.masked(text(20, number: 0), text: number, epoch: 1).positions {
        counts[Int(position)] += 1
      }
    }
    #expect(counts[0] == 0 && counts[21] == 0)
    let deviation = (20_000 * 0.15 * 0.85).squareRoot()
    for count in counts[1...20] { #expect(abs(Double(count) - 3_000) <= 5 * deviation) }
  }

  @Test func theSameCountersGiveTheSameMasks() {
    let (one, other) = (masker(), masker())
    let original = text(30, number: 3)
    #expect(one.masked(original, text: 7, epoch: 2) == other.masked(original, text: 7, epoch: 2))
    #expect(one.masked(original, text: 7, epoch: 2) != one.masked(original, text: 7, epoch: 3))
    #expect(one.masked(original, text: 7, epoch: 2) != one.masked(original, text: 8, epoch: 2))
    #expect(one.masked(original, text: 7, epoch: 2) != masker(seed: 2).masked(original, text: 7, epoch: 2))
  }

  @Test func shortTexts() {
    // One ordinary token is always hidden; a text of special tokens never.
    for number in 0..<50 {
      #expect(masker().masked([2, 9, 3], text: number, epoch: 0).positions == [1])
      #expect(masker().masked([2, 3], text: number, epoch: 0).positions.isEmpty)
      #expect(masker().masked([], text: number, epoch: 0).positions.isEmpty)
    }
  }

  @Test func rareTokensAreHiddenMoreOften() {
    var counts = [Int](repeating: 1, count: 1_000)
    counts[10] = 10_000
    // 10,000^−0.7 = 0.0015849: of one frequent and one rare token, the rare one has the odds 1 : 0.0015849.
    let masker = masker(TokenMasking(share: 0.5, rarity: 0.7), counts: counts)
    var frequent = 0
    for number in 0..<20_000 where masker.masked([2, 10, 11, 3], text: number, epoch: 0).labels == [10] {
      frequent += 1
    }
    let share = 0.0015849 / 1.0015849
    #expect(abs(Double(frequent) - 20_000 * share) <= 5 * (20_000 * share).squareRoot())
  }

  @Test func faults() {
    #expect(TokenMasking().faults.isEmpty)
    #expect(TokenMasking(share: 0).faults.map(\.field) == ["share"])
    #expect(TokenMasking(share: .nan).faults.map(\.field) == ["share"])
    #expect(TokenMasking(maskedShare: 0.9, randomShare: 0.2).faults.map(\.field) == ["randomShare"])
    #expect(TokenMasking(maskedShare: -1).faults.map(\.field) == ["maskedShare"])
    #expect(TokenMasking(rarity: -0.1).faults.map(\.field) == ["rarity"])
  }
}
