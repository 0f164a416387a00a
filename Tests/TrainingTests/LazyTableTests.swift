import Models
import Tensors
import Testing
import Training

/// AdamW on the rows that batches read, against AdamW on the whole table.
struct LazyTableTests {
  /// The same task without its promise that few rows are read.
  private struct Dense: TrainingTask {
    let base: SequenceTask
    var layout: ParameterLayout { base.layout }
    var exampleCount: Int { base.exampleCount }

    func shards(of batch: Batch, count: Int) throws -> [SequenceTask.Shard] { try base.shards(of: batch, count: count) }

    func addLosses(of shard: SequenceTask.Shard, with model: ParameterBinding<Float>, in graph: Graph<Float>) throws {
      try base.addLosses(of: shard, with: model, in: graph)
    }
  }

  private func trained(
    _ task: some TrainingTask, from initial: FlatBuffer<Float>, _ options: TrainingOptions, threads: Int = 1
  ) throws -> FlatBuffer<Float> {
    let trainer = try Trainer(task, values: initial.copy(), options: options, seed: 9, team: ThreadTeam(threads))
    try trainer.run()
    return try trainer.values
  }

  private func options(clipping: Double?, groups: [LayerGroup] = []) -> TrainingOptions {
    var options = TinyTask.options
    // 22 texts in batches of 2: most of the 40 words rest at each of the 220 steps.
    (options.batchSize, options.epochs, options.shards) = (2, 20, 2)
    (options.maximumGradientNorm, options.groups) = (clipping, groups)
    return options
  }

  @Test func withoutClippingEveryBitIsThatOfTheWholeTable() throws {
    let task = try TinyTask.classification()
    let initial = task.bert.initialValues(seed: 2, as: Float.self)
    let groups: [[LayerGroup]] = [
      [], [LayerGroup("bert.embeddings.", rateFactor: 0.3)], [.frozen("bert.embeddings.")],
    ]
    for groups in groups {
      let options = options(clipping: nil, groups: groups)
      let dense = try trained(Dense(base: task), from: initial, options)
      #expect(dense.bits != initial.bits)
      for threads in [1, 3] {
        #expect(try trained(task, from: initial, options, threads: threads).bits == dense.bits)
      }
    }
  }

  @Test func withClippingTheyAgreeAfterTwoHundredSteps() throws {
    let task = try TinyTask.distillation()
    let initial = task.bert.initialValues(seed: 2, as: Float.self)
    for groups in [[], [LayerGroup("bert.embeddings.", isClipped: false)]] {
      let options = options(clipping: 0.05, groups: groups)
      let (lazy, dense) = (
        try trained(task, from: initial, options), try trained(Dense(base: task), from: initial, options)
      )
      let most = zip(lazy.buffer, dense.buffer).map { abs($0 - $1) }.max() ?? 1
      #expect(most <= 1e-6, "after \(220) steps: \(most)")
    }
  }

  @Test func weightsReadInBetweenAreUpToDate() throws {
    let task = try TinyTask.classification()
    let initial = task.bert.initialValues(seed: 2, as: Float.self)
    let options = options(clipping: nil)
    func bits(_ task: some TrainingTask) throws -> [[UInt32]] {
      let trainer = try Trainer(task, values: initial.copy(), options: options, seed: 9, team: ThreadTeam(1))
      var seen: [[UInt32]] = []
      try trainer.run(selecting: {
        seen.append($0.bits)
        return 0
      }) { progress in
        if [3, 4, 17, 40].contains(progress.step) { seen.append(try trainer.values.bits) }
      }
      return seen
    }
    #expect(try bits(task) == bits(Dense(base: task)))
  }
}
