import Foundation
import Models
import RetortTesting
import Tensors
import Testing
import Training

/// A longer run against PyTorch (`Tests/Goldens/fifty_steps.py`), and what a run must not take more of as it goes on.
struct FiftyStepsTests {
  /// A task whose batches come in the order of the examples.
  private struct InOrder: TrainingTask {
    let base: SequenceTask
    let batchSize: Int
    var layout: ParameterLayout { base.layout }
    var exampleCount: Int { base.exampleCount }
    var lookupTable: String? { base.lookupTable }

    func shards(of batch: Batch, count: Int) throws -> [SequenceTask.Shard] {
      var batch = batch
      let start = batch.step * batchSize % exampleCount
      batch.examples = Array(start..<min(start + batchSize, exampleCount))
      return try base.shards(of: batch, count: count)
    }

    func lookedUpRows(of shard: SequenceTask.Shard) -> [Int32] { base.lookedUpRows(of: shard) }

    func addLosses(of shard: SequenceTask.Shard, with model: ParameterBinding<Float>, in graph: Graph<Float>) throws {
      try base.addLosses(of: shard, with: model, in: graph)
    }
  }

  @Test(arguments: [1, 2, 3]) func lossesAreThoseOfPyTorch(shards: Int) throws {
    let golden = try Golden("fifty_steps")
    let bert = try Bert(
      BertConfiguration(
        vocabularySize: 50, hiddenSize: 24, layerCount: 2, headCount: 3, intermediateSize: 40, maximumPositions: 16,
        dropout: 0), head: .classifier(labels: 3))
    let values = FlatBuffer<Float>(count: bert.layout.count)
    for entry in bert.layout.entries { values.write(try golden.floats("initial.\(entry.name)"), at: entry.offset) }
    var ids = try golden.integers("ids")[...]
    var texts: [[Int32]] = []
    for length in try golden.integers("lengths") {
      texts.append(Array(ids.prefix(Int(length))))
      ids = ids.dropFirst(Int(length))
    }
    let task = SequenceTask(
      bert, texts: EncodedTexts(ids: texts), labels: try golden.integers("labels"), objective: .classification)
    let options = TrainingOptions(
      epochs: 1, batchSize: 4, shards: shards, optimiser: AdamW(learningRate: 2e-3, weightDecay: 0.05),
      schedule: LearningRateSchedule(warmup: 0.1), maximumGradientNorm: 1)
    let trainer = try Trainer(
      InOrder(base: task, batchSize: 4), values: values, options: options, seed: 1, team: ThreadTeam(2))
    var losses: [Double] = []
    try trainer.run(afterStep: { _ in losses.append(trainer.lastLoss ?? .nan) })
    for (step, (loss, expected)) in zip(losses, try golden.floats("losses")).enumerated() {
      #expect(abs(loss - Double(expected)) <= 1e-3 * Double(expected), "step \(step + 1): \(loss), \(expected)")
    }
    #expect(losses.count == 50)
    // All rows, also those that no batch of the last steps read.
    let words = try #require(bert.layout[bert.wordTable])
    #expect(try relativeDifference(trainer.values[words.range], golden.floats("final.words")) < 1e-3)
  }

  /// Two thousand steps in release; debug is a tenth as fast.
  @Test func memoryStaysFlat() throws {
    #if DEBUG
      let steps = 400
    #else
      let steps = 2_000
    #endif
    let task = try TinyTask.classification(40)
    var options = TinyTask.options
    options.epochs = steps / 5
    let trainer = try Trainer(
      task, values: task.bert.initialValues(seed: 2, as: Float.self), options: options, seed: 9, team: ThreadTeam(2))
    var capacities: Set<Int> = []
    try trainer.run(afterStep: { progress in
      // One epoch has seen the longest batch of any cut; afterwards no arena may grow much.
      if progress.step > steps / 4 { capacities.insert(trainer.memory) }
    })
    #expect(trainer.state.step == steps)
    let (least, most) = (capacities.min() ?? 0, capacities.max() ?? 0)
    #expect(least > 0 && Double(most) <= 1.1 * Double(least), "\(least) … \(most) bytes")
  }
}
