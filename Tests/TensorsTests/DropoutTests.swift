import Tensors
import Testing

struct DropoutTests {
  private func mask(rows: Int, columns: Int, firstRow: Int, rate: Double, before: Int = 0, step: Int = 8) throws
    -> [Float]
  {
    let graph = try Graph<Float>()
    graph.begin(recording: false, randomness: Randomness(seed: 77, step: step))
    let ones = try graph.constant([Float](repeating: 1, count: rows * columns), rows: rows, columns: columns)
    for _ in 0..<before { _ = try graph.dropout(ones, rate: rate, firstRow: firstRow) }
    return try graph.dropout(ones, rate: rate, firstRow: firstRow).values
  }

  /// The mask's definition, with the block function that the known answers prove.
  @Test func maskIsDefinedByCounters() throws {
    let (rows, columns, rate) = (3, 70, 0.25)
    let quarter = (columns + 3) / 4
    let actual = try mask(rows: rows, columns: columns, firstRow: 1_000, rate: rate, before: 1)
    for row in 0..<rows {
      for column in 0..<columns {
        // The second dropout of the pass, step 8.
        let counter = SIMD4<UInt32>(UInt32(column % quarter), UInt32(1_000 + row), 0x8000_0002, 8)
        let word = Philox.block(counter, key: Philox.key(seed: 77))[column / quarter]
        let kept = Double(word) >= rate * 4_294_967_296
        #expect(actual[row * columns + column] == (kept ? Float(1 / (1 - rate)) : 0))
      }
    }
  }

  @Test func masksDoNotDependOnTheCut() throws {
    let whole = try mask(rows: 6, columns: 33, firstRow: 0, rate: 0.5)
    let parts =
      try mask(rows: 2, columns: 33, firstRow: 0, rate: 0.5) + mask(rows: 4, columns: 33, firstRow: 2, rate: 0.5)
    #expect(whole == parts)
    #expect(try mask(rows: 6, columns: 33, firstRow: 0, rate: 0.5, step: 9) != whole)
    #expect(try mask(rows: 6, columns: 33, firstRow: 0, rate: 0.5, before: 1) != whole)
  }

  @Test func shareOfZeros() throws {
    let mask = try mask(rows: 100, columns: 384, firstRow: 0, rate: 0.1)
    let zeros = Double(mask.filter { $0 == 0 }.count) / Double(mask.count)
    #expect(abs(zeros - 0.1) < 0.005)
    #expect(abs(mask.reduce(0, +) / Float(mask.count) - 1) < 0.01)
  }

  @Test func offWithoutRandomness() throws {
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let x = try graph.constant([1, 2, 3], rows: 1, columns: 3)
    #expect(try graph.dropout(x, rate: 0.9, firstRow: 0).values == [1, 2, 3])
  }
}
