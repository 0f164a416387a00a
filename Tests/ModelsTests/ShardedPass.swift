import Foundation
import Models
import Tensors

/// A model's mean cross-entropy and its gradients, computed in shards on some threads.
struct ShardedPass: Equatable {
  var loss: Double
  var gradients: [Float]

  /// - Parameter logits: the model's recipe; dropout has masks of a fixed seed.
  init(
    _ layout: ParameterLayout, values: FlatBuffer<Float>, batch: PackedBatch, labels: [Int32], shards: Int,
    threads: Int = 1,
    logits: @escaping @Sendable (PackedBatch, ParameterBinding<Float>, Graph<Float>) throws -> Tensor<Float>
  ) throws {
    let cuts = batch.shards(shards)
    let buffers = cuts.map { _ in FlatBuffer<Float>(count: layout.count) }
    let losses = Losses(count: shards)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      // Each thread takes every threads-th shard, the later ones first: order and place must not matter.
      for shard in stride(from: thread, to: shards, by: threads).reversed() {
        losses.record(shard) {
          let graph = try Graph<Float>()
          graph.begin(recording: true, randomness: Randomness(seed: 3, step: 5))
          let model = ParameterBinding(layout, values: values, gradients: buffers[shard])
          let answers = try logits(cuts[shard], model, graph)
          try graph.crossEntropy(
            answers, labels: Array(labels[cuts[shard].examples]), scale: 1 / Double(labels.count))
          graph.backward()
          return graph.loss
        }
      }
    }
    let total = FlatBuffer<Float>(count: layout.count)
    total.sum(of: buffers)
    (loss, gradients) = (try losses.sum(), total[0..<total.count])
  }

  private final class Losses: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Result<Double, any Error>?]
    init(count: Int) { values = Array(repeating: nil, count: count) }

    func record(_ shard: Int, _ body: () throws -> Double) {
      let value = Result { try body() }
      lock.withLock { values[shard] = value }
    }

    func sum() throws -> Double { try values.reduce(0) { try $0 + ($1?.get() ?? .nan) } }
  }
}
