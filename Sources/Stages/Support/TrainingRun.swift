import Declaring
import Models
import Tensors
import Training

/// Where a phase stands among those of its stage.
struct PhasePlace {
  var index = 0
  var name: String?
  /// Sentences of the phases before, and of all.
  var sentencesBefore = 0
  var sentences: Int?
}

/// Trains within a stage: goes on from a checkpoint, reports each step, takes checkpoints, records figures.
func train<Task: TrainingTask>(
  _ task: Task, values: FlatBuffer<Float>, options: TrainingOptions, seed: UInt64, context: StageContext,
  team: ThreadTeam, selecting select: ((FlatBuffer<Float>) throws -> Double)? = nil
) throws -> FlatBuffer<Float> {
  try train(
    task, values: values, options: options, seed: seed, context: context, team: team, from: context.restore(),
    phase: PhasePlace(), selecting: select)
}

/// The same for one phase of several.
///
/// - Parameter snapshot: of this phase, or nil to begin it.
func train<Task: TrainingTask>(
  _ task: Task, values: FlatBuffer<Float>, options: TrainingOptions, seed: UInt64, context: StageContext,
  team: ThreadTeam, from snapshot: Snapshot?, phase: PhasePlace,
  selecting select: ((FlatBuffer<Float>) throws -> Double)?
) throws -> FlatBuffer<Float> {
  let trainer = try Trainer(task, values: values, options: options, seed: seed, team: team)
  let (title, figure) = (phase.name.map { "\($0), " } ?? "", phase.name.map { "\($0) " } ?? "")
  if let snapshot {
    try trainer.restore(snapshot)
    context.log("going on after \(title)step \(trainer.state.step) of \(trainer.steps)")
  }
  var logged = trainer.state.epochs.count
  try trainer.run(selecting: select) { progress in
    context.report(
      Progress(
        Double(phase.sentencesBefore + progress.examples), of: Double(phase.sentences ?? progress.totalExamples),
        unit: "sentences", loss: progress.loss, note: "\(title)epoch \(progress.epoch) of \(progress.epochs)"))
    while logged < trainer.state.epochs.count {
      let epoch = trainer.state.epochs[logged]
      logged += 1
      let score = epoch.score.map { ", dev accuracy \($0)" } ?? ""
      context.log("\(title)epoch \(logged) of \(progress.epochs): loss \(epoch.loss)\(score)")
    }
    try context.checkCancellation()
    try context.checkpoint {
      var snapshot = try trainer.snapshot()
      snapshot.phase = phase.index
      return snapshot
    }
  }
  if let last = trainer.state.epochs.last { context.record("\(figure)loss", last.loss) }
  if let best = trainer.state.bestEpoch {
    context.record("\(figure)best epoch", Double(best + 1))
    if let score = trainer.state.epochs[best].score { context.record("\(figure)dev accuracy", score) }
  }
  return trainer.result
}

extension Snapshot {
  /// The phase that the snapshot was taken in.
  var phase: Int {
    get { sections["phase"].flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0 }
    set { sections["phase"] = Array(String(newValue).utf8) }
  }
}
