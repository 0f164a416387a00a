import Declaring
import Models
import Tensors
import Training

/// Where a phase stands among those of its stage.
struct PhasePlace {
  var name: String?
  /// Sentences of the phases before, and of all.
  var sentencesBefore = 0
  var sentences: Int?
}

/// Trains within a stage, or in one phase of it: goes on from a checkpoint, reports each step, takes checkpoints, records
/// figures.
///
/// - Parameter metric: what `select` gives, larger for better.
func train<Task: TrainingTask>(
  _ task: Task, values: FlatBuffer<Float>, options: TrainingOptions, seed: UInt64, context: StageContext,
  team: ThreadTeam, phase: PhasePlace = PhasePlace(), metric: TaskMetric = .accuracy,
  selecting select: ((FlatBuffer<Float>) throws -> Double)? = nil
) throws -> FlatBuffer<Float> {
  let trainer = try Trainer(task, values: values, options: options, seed: seed, team: team)
  let (title, figure) = (phase.name.map { "\($0), " } ?? "", phase.name.map { "\($0) " } ?? "")
  if let snapshot = try context.restore() {
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
      let score = epoch.score.map { ", dev \(metric.words) \(metric.signed($0))" } ?? ""
      context.log("\(title)epoch \(logged) of \(progress.epochs): loss \(epoch.loss)\(score)")
    }
    try context.checkCancellation()
    try context.checkpoint { try trainer.snapshot() }
  }
  if let last = trainer.state.epochs.last { context.record("\(figure)loss", last.loss) }
  if let best = trainer.state.bestEpoch {
    context.record("\(figure)best epoch", Double(best + 1))
    if let score = trainer.state.epochs[best].score {
      context.record("\(figure)dev \(metric.words)", metric.signed(score))
    }
  }
  return try trainer.result
}

extension TaskMetric {
  /// The metric's value from a score that is larger for better, and back.
  func signed(_ score: Double) -> Double { prefersLess ? -score : score }
}
