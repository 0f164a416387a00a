import Foundation
import Models
import RetortTesting
import Tensors
import Testing

/// What must not change a result: neighbours in the batch, the cut into shards, the threads.
struct BertInvarianceTests {
  private struct Outcome: Equatable {
    var loss: Double
    var gradients: [Float]
  }

  /// The mean loss of the golden batch and its gradients, computed in shards on some threads.
  private func train(shards: Int, threads: Int, dropout: Double) throws -> Outcome {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3), dropout: dropout)
    let labels = try tiny.integers("labels")
    let cuts = tiny.batch.shards(shards)
    let buffers = cuts.map { _ in FlatBuffer<Float>(count: tiny.bert.layout.count) }
    let losses = Losses(count: shards)
    let group = DispatchGroup()
    for thread in 0..<threads {
      // Each thread takes every threads-th shard, the later ones first: order and place must not matter.
      let mine = stride(from: thread, to: shards, by: threads).reversed()
      DispatchQueue.global().async(group: group) {
        losses.record(mine) { shard in
          let batch = cuts[shard]
          let graph = try Graph<Float>()
          graph.begin(recording: true, randomness: Randomness(seed: 3, step: 5))
          let model = ParameterBinding(tiny.bert.layout, values: tiny.values, gradients: buffers[shard])
          let states = try tiny.bert.encode(batch, with: model, in: graph)
          let logits = try tiny.bert.logits(states, of: batch, with: model, in: graph)
          try graph.crossEntropy(logits, labels: Array(labels[batch.examples]), scale: 1 / 5)
          graph.backward()
          return graph.loss
        }
      }
    }
    group.wait()
    let total = FlatBuffer<Float>(count: tiny.bert.layout.count)
    total.sum(of: buffers)
    return Outcome(loss: try losses.sum(), gradients: total[0..<total.count])
  }

  private final class Losses: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Result<Double, any Error>?]
    init(count: Int) { values = Array(repeating: nil, count: count) }

    func record(_ shards: some Sequence<Int>, _ body: (Int) throws -> Double) {
      for shard in shards {
        let value = Result { try body(shard) }
        lock.withLock { values[shard] = value }
      }
    }

    func sum() throws -> Double { try values.reduce(0) { try $0 + ($1?.get() ?? .nan) } }
  }

  @Test(arguments: [0, 0.2])
  func anyNumberOfThreadsGivesTheSameBits(dropout: Double) throws {
    let one = try train(shards: 3, threads: 1, dropout: dropout)
    #expect(one.loss.isFinite)
    for threads in 2...3 { #expect(try train(shards: 3, threads: threads, dropout: dropout) == one) }
  }

  @Test(arguments: [0, 0.2])
  func anyCutGivesTheSameResult(dropout: Double) throws {
    let whole = try train(shards: 1, threads: 1, dropout: dropout)
    for shards in [2, 4, 7] {
      let cut = try train(shards: shards, threads: 1, dropout: dropout)
      #expect(abs(cut.loss - whole.loss) < 1e-5)
      #expect(relativeDifference(cut.gradients, whole.gradients) < 1e-5)
    }
  }

  @Test func aSequenceDoesNotFeelItsNeighbours() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let model = ParameterBinding(tiny.bert.layout, values: tiny.values)
    let graph = try Graph<Float>()
    func logits(_ batch: PackedBatch) throws -> [Float] {
      graph.begin(recording: false)
      let states = try tiny.bert.encode(batch, with: model, in: graph)
      return try tiny.bert.logits(states, of: batch, with: model, in: graph).values
    }
    let together = try logits(tiny.batch)
    let alone = try (0..<tiny.batch.sequenceCount).flatMap { try logits(tiny.batch.slice($0..<$0 + 1)) }
    #expect(relativeDifference(alone, together) < 1e-5)
  }

  @Test func aWrongTokenIsRefused() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let model = ParameterBinding(tiny.bert.layout, values: tiny.values)
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    #expect(throws: TensorError.index(operation: "embedding of words", value: 60, limit: 60)) {
      try tiny.bert.encode(PackedBatch([[1, 60]]), with: model, in: graph)
    }
    #expect(throws: TensorError.index(operation: "embedding of positions", value: 40, limit: 40)) {
      try tiny.bert.encode(PackedBatch([[Int32](repeating: 1, count: 41)]), with: model, in: graph)
    }
  }
}
