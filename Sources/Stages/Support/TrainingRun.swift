import Declaring
import Models
import Tensors
import Training

/// Trains within a stage: goes on from a checkpoint, reports each step, takes checkpoints, records figures.
func train<Task: TrainingTask>(
  _ task: Task, values: FlatBuffer<Float>, options: TrainingOptions, seed: UInt64, context: StageContext,
  team: ThreadTeam, selecting select: ((FlatBuffer<Float>) throws -> Double)? = nil
) throws -> FlatBuffer<Float> {
  let trainer = try Trainer(task, values: values, options: options, seed: seed, team: team)
  if let snapshot = try context.restore() {
    try trainer.restore(snapshot)
    context.log("going on after step \(trainer.state.step) of \(trainer.steps)")
  }
  var logged = trainer.state.epochs.count
  try trainer.run(selecting: select) { progress in
    context.report(
      Progress(
        Double(progress.examples), of: Double(progress.totalExamples), unit: "sentences", loss: progress.loss,
        note: "epoch \(progress.epoch) of \(progress.epochs)"))
    while logged < trainer.state.epochs.count {
      let epoch = trainer.state.epochs[logged]
      logged += 1
      let score = epoch.score.map { ", dev accuracy \($0)" } ?? ""
      context.log("epoch \(logged) of \(progress.epochs): loss \(epoch.loss)\(score)")
    }
    try context.checkCancellation()
    try context.checkpoint { try trainer.snapshot() }
  }
  if let last = trainer.state.epochs.last { context.record("loss", last.loss) }
  if let best = trainer.state.bestEpoch {
    context.record("best epoch", Double(best + 1))
    if let score = trainer.state.epochs[best].score { context.record("dev accuracy", score) }
  }
  return trainer.result
}

/// A task's examples, encoded, with their labels.
struct EncodedTask {
  var texts: EncodedTexts
  /// −100 where an example has none.
  var labels: [Int32]
  var names: [String]

  init(_ data: TaskData<Classification>, by tokenizer: some Tokenizer, length: Int) throws {
    let schema = try data.schema()
    let examples = try data.examples()
    texts = try EncodedTexts(examples, by: tokenizer, longest: length)
    labels = examples.map(\.labelOrIgnored)
    names = schema.labels
  }
}
