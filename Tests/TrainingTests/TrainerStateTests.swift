import Artifacts
import Models
import Tensors
import Testing
import Training

/// What must not change a run's bits: threads, and stops.
struct TrainerStateTests {
  private struct Stop: Error {}

  private func trained<Task: TrainingTask>(
    _ task: Task, from initial: FlatBuffer<Float>, options: TrainingOptions = TinyTask.options, threads: Int = 1,
    selects: Bool = false, after snapshot: Snapshot? = nil, stopAt: Int? = nil
  ) throws -> (trainer: Trainer<Task>, snapshot: Snapshot) {
    let trainer = try Trainer(
      task, values: initial.copy(), options: options, seed: 9, team: ThreadTeam(threads))
    if let snapshot { try trainer.restore(snapshot) }
    do {
      // A score that prefers some epochs to others by their weights alone.
      try trainer.run(selecting: selects ? { Double($0.pointer[40]) } : nil) { progress in
        if progress.step == stopAt { throw Stop() }
      }
    } catch is Stop {}
    return (trainer, try trainer.snapshot())
  }

  @Test func threadsDoNotChangeABit() throws {
    for shards in [1, 2, 3, 5] {
      var options = TinyTask.options
      options.shards = shards
      let task = try TinyTask.classification()
      let initial = task.bert.initialValues(seed: 2, as: Float.self)
      let alone = try trained(task, from: initial, options: options).snapshot
      for threads in [2, 3] {
        #expect(try trained(task, from: initial, options: options, threads: threads).snapshot == alone)
      }
    }
  }

  @Test func aStopAtAnyStepDoesNotChangeABit() throws {
    try check(TinyTask.classification())
    try check(TinyTask.distillation())
    try check(TinyTask.maskedLM())
  }

  private func check<Task: TrainingTask>(_ task: Task) throws where Task: TinyModel {
    let initial = task.bert.initialValues(seed: 2, as: Float.self)
    let whole = try trained(task, from: initial, selects: true)
    #expect(whole.trainer.steps == 6)
    for step in 1...6 {
      let first = try trained(task, from: initial, selects: true, stopAt: step)
      #expect(first.trainer.state.step == step)
      // Other initial weights: what a restored run needs must all be in the snapshot.
      let second = try trained(
        task, from: FlatBuffer(count: initial.count), threads: 2, selects: true, after: first.snapshot)
      #expect(second.snapshot == whole.snapshot, "after step \(step)")
      #expect(try second.trainer.result.bits == whole.trainer.result.bits)
      #expect(second.trainer.state == whole.trainer.state)
    }
  }

  @Test func aSnapshotOfAnotherRunIsRefused() throws {
    let task = try TinyTask.classification()
    let initial = task.bert.initialValues(seed: 2, as: Float.self)
    var snapshot = try trained(task, from: initial, stopAt: 2).snapshot
    snapshot.sections["values"]?.removeLast()
    #expect(throws: RetortError.self) { _ = try trained(task, from: initial, after: snapshot) }
    #expect(throws: RetortError.self) { _ = try trained(task, from: initial, after: Snapshot()) }
  }

  @Test func theBestEpochIsTheResult() throws {
    let task = try TinyTask.classification()
    let values = task.bert.initialValues(seed: 2, as: Float.self)
    var options = TinyTask.options
    options.epochs = 4
    let trainer = try Trainer(task, values: values, options: options, seed: 9, team: ThreadTeam(1))
    var seen: [[UInt32]] = []
    let scores = [0.3, 0.8, 0.8, 0.1]
    try trainer.run { values in
      seen.append(values.bits)
      return scores[seen.count - 1]
    }
    #expect(trainer.state.bestEpoch == 1)
    #expect(trainer.state.epochs.map(\.score) == scores)
    #expect(try trainer.result.bits == seen[1])
    #expect(try trainer.values.bits == seen[3])
  }

  @Test func itLearnsThePlantedProblem() throws {
    let task = try TinyTask.classification(120, dropout: 0)
    let values = task.bert.initialValues(seed: 2, as: Float.self)
    var options = TinyTask.options
    options.epochs = 40
    options.optimiser.learningRate = 3e-3
    let trainer = try Trainer(task, values: values, options: options, seed: 9, team: ThreadTeam(2))
    try trainer.run()
    let losses = trainer.state.epochs.map(\.loss)
    let outputs = try TextOutputs(task.bert, team: ThreadTeam(2)).logits(of: task.texts, values: values)
    let rows = stride(from: 0, to: outputs.count, by: TinyTask.classes).map {
      Array(outputs[$0..<$0 + TinyTask.classes])
    }
    let accuracy = try Metrics.accuracy(TaskPredictions.choices(rows), task.labels.map(Int.init))
    #expect(accuracy > 0.95, "losses \(losses)")
  }

  @Test func aLossThatIsNoNumberNamesTheStep() throws {
    let task = try TinyTask.classification()
    let values = task.bert.initialValues(seed: 2, as: Float.self)
    values.pointer[0] = .nan
    for place in 0..<values.count where place % 3 == 0 { values.pointer[place] = .infinity }
    let trainer = try Trainer(task, values: values, options: TinyTask.options, seed: 9, team: ThreadTeam(1))
    let error = #expect(throws: RetortError.self) { try trainer.run() }
    #expect(error?.code == "training.diverged")
    #expect(error?.message.contains("step 1 of 6") == true)
    #expect(error?.remedy.contains("learning rate") == true)
  }

  @Test func nothingToTrainOn() throws {
    let task = SequenceTask(
      try TinyTask.bert(head: .classifier(labels: 2)), texts: EncodedTexts(ids: []), objective: .classification)
    let error = #expect(throws: RetortError.self) {
      _ = try Trainer(
        task, values: FlatBuffer(count: task.layout.count), options: TinyTask.options, seed: 1, team: ThreadTeam(1))
    }
    #expect(error?.code == "training.empty")
  }

  @Test(arguments: [
    (TrainingOptions(epochs: 0), "epochs"), (TrainingOptions(batchSize: 0), "batchSize"),
    (TrainingOptions(shards: 0), "shards"), (TrainingOptions(maximumGradientNorm: -1), "maximumGradientNorm"),
    (TrainingOptions(optimiser: AdamW(learningRate: 0)), "learningRate"),
    (TrainingOptions(optimiser: AdamW(learningRate: .nan)), "learningRate"),
    (TrainingOptions(optimiser: AdamW(beta1: 1)), "beta1"), (TrainingOptions(optimiser: AdamW(beta2: -1)), "beta2"),
    (TrainingOptions(optimiser: AdamW(epsilon: 0)), "epsilon"),
    (TrainingOptions(optimiser: AdamW(weightDecay: -1)), "weightDecay"),
    (TrainingOptions(schedule: LearningRateSchedule(warmup: 1)), "warmup"),
    (TrainingOptions(groups: [LayerGroup("bert", rateFactor: -1)]), "groups"),
  ]) func optionsOutOfRange(options: TrainingOptions, field: String) {
    #expect(options.faults.map(\.field) == [field])
  }
}

protocol TinyModel {
  var bert: Bert { get }
}
extension SequenceTask: TinyModel {}
extension MaskedLMTask: TinyModel {}
