import Tensors
import Testing

struct PhiloxTests {
  /// Known answers published with Random123 for Philox4x32-10.
  @Test func knownAnswers() {
    let ones = UInt32.max
    #expect(
      Philox.block(SIMD4(0, 0, 0, 0), key: SIMD2(0, 0)) == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Philox.block(SIMD4(ones, ones, ones, ones), key: SIMD2(ones, ones))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox.block(SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func aStreamGoesOnFromItsPosition() {
    var whole = RandomStream(seed: 3, purpose: .shuffling, step: 4)
    let words = (0..<23).map { _ in whole.word() }
    for cut in 0..<23 {
      var rest = RandomStream(seed: 3, purpose: .shuffling, step: 4, position: UInt64(cut))
      #expect((cut..<23).map { _ in rest.word() } == Array(words[cut...]))
    }
    whole.position = 0
    #expect(whole.word() == words[0])
  }

  @Test func streamsDiffer() {
    let streams = [
      RandomStream(seed: 3, purpose: .shuffling, step: 4), RandomStream(seed: 4, purpose: .shuffling, step: 4),
      RandomStream(seed: 3, purpose: .masking, step: 4), RandomStream(seed: 3, purpose: .shuffling, step: 5),
      RandomStream(seed: 3 << 32, purpose: .shuffling, step: 4),
    ]
    let firsts = streams.map { stream -> UInt64 in
      var stream = stream
      return stream.next()
    }
    #expect(Set(firsts).count == streams.count)
  }

  @Test func moments() {
    var random = RandomStream(seed: 1, purpose: .generation)
    let count = 20_000
    let uniform = (0..<count).map { _ in random.uniform() }
    #expect(uniform.allSatisfy { (0..<1).contains($0) })
    #expect(abs(uniform.reduce(0, +) / Double(count) - 0.5) < 0.01)
    let normal = (0..<count).map { _ in random.normal() }
    #expect(abs(normal.reduce(0, +) / Double(count)) < 0.03)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / Double(count) - 1) < 0.03)
    // Fourth moment of a standard normal: 3.
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(count) - 3) < 0.2)
    let heads = (0..<count).filter { _ in random.bernoulli(0.3) }.count
    #expect(abs(Double(heads) / Double(count) - 0.3) < 0.015)
  }

  @Test func integersAndPermutations() {
    var random = RandomStream(seed: 2, purpose: .shuffling)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<7_000 { counts[random.integer(below: 7)] += 1 }
    #expect(counts.allSatisfy { (880...1_120).contains($0) })
    #expect(random.permutation(100).sorted() == Array(0..<100))
    #expect(random.permutation(0).isEmpty)
    #expect(random.integer(below: 0) == 0)
    // Each element comes first about equally often.
    var first = [Int](repeating: 0, count: 5)
    for _ in 0..<5_000 { first[random.permutation(5)[0]] += 1 }
    #expect(first.allSatisfy { (880...1_120).contains($0) })
  }
}
