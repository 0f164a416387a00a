import RetortTesting
import Tensors
import Testing

struct MemoryTests {
  @Test func layout() throws {
    var layout = ParameterLayout()
    try layout.append("a", [3, 5])
    try layout.append(group: [("q", [2, 5]), ("k", [4, 5])])
    try layout.append("b", [7])
    #expect(layout.entries.map(\.offset) == [0, 16, 26, 48])
    #expect(layout.count == 64)
    #expect(layout.parameterCount == 15 + 10 + 20 + 7)
    let fused = try layout.fused(["q", "k"])
    #expect(fused.shape == [6, 5])
    #expect(fused.range == 16..<46)
    #expect(throws: TensorError.self) { try layout.fused(["a", "q"]) }
    #expect(throws: TensorError.self) { try layout.entry("c") }
    #expect(throws: TensorError.self) { try layout.append("a", [1]) }
    #expect(throws: TensorError.self) { try layout.append("z", [0]) }
  }

  @Test func arenaStopsGrowing() {
    let arena = Arena(smallestBlock: 4096)
    func step() {
      for count in [10, 5_000, 3, 70_000] {
        let pointer = arena.allocate(Float.self, count)
        #expect(UInt(bitPattern: pointer) % 64 == 0)
        pointer.update(repeating: 1, count: count)
      }
    }
    step()
    arena.reset()
    let capacity = arena.capacity
    for _ in 0..<5 {
      step()
      arena.reset()
    }
    #expect(arena.capacity == capacity)
  }

  @Test func graphMemoryIsFlatOverSteps() throws {
    let graph = try Graph<Float>()
    var capacities: Set<Int> = []
    for step in 0..<6 {
      graph.begin(recording: true)
      let x = try graph.variable(coefficients(64 * 32).map { Float($0) }, rows: 64, columns: 32)
      var y = x
      for _ in 0..<40 { y = graph.scale(y, by: 0.9) }
      try graph.squaredError(y, target: x, scale: 1)
      graph.backward()
      if step > 1 { capacities.insert(graph.arena.capacity) }
    }
    #expect(capacities.count == 1)
  }

  @Test func shardSumsAreTheSameForAnyCut() {
    let shards = (0..<3).map { FlatBuffer(coefficients(1_000, seed: $0).map { Float($0) }) }
    let whole = FlatBuffer<Float>(count: 1_000)
    whole.sum(of: shards)
    let parts = FlatBuffer<Float>(count: 1_000)
    for range in [500..<1_000, 0..<333, 333..<500] { parts.sum(of: shards, range) }
    #expect(whole[0..<1_000] == parts[0..<1_000])
    #expect(whole[7..<8] == [(shards[0].pointer[7] + shards[1].pointer[7]) + shards[2].pointer[7]])
    // Summing into the first shard's own buffer gives the same.
    shards[0].sum(of: shards)
    #expect(shards[0][0..<1_000] == whole[0..<1_000])
  }

  @Test func nonFiniteValuesAreFound() {
    let buffer = FlatBuffer<Float>([1, .nan, 2, -.infinity])
    #expect(buffer.nonFiniteCount() == 2)
    #expect(buffer.nonFiniteCount(2..<3) == 0)
  }
}
