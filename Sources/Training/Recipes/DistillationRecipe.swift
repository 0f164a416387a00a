/// A published way to distil: phases for raw text, before any task, and phases for a task.
///
/// ```swift
/// TaskDistill(teacher, into: student, on: reviews, recipe: .hinton(temperature: 2))
/// TaskDistill(teacher, into: general, on: more, recipe: .tinyBERT())
/// ```
/// Every value lies open: take a preset, change what you want to be different. `plan --verbose` prints them all.
public struct DistillationRecipe: Sendable, Hashable, Codable {
  /// For `PretrainDistill`; empty where the recipe has none.
  public var general: [DistillationPhase]
  /// For `TaskDistill`; empty where the recipe has none.
  public var task: [DistillationPhase]

  public init(general: [DistillationPhase] = [], task: [DistillationPhase] = []) {
    self.general = general
    self.task = task
  }

  /// (1 − alpha) · CE(labels) + alpha · T² · KL(teacher ‖ student), both means over the batch, in one phase (Hinton et al.
  /// 2015).
  ///
  /// - Parameters:
  ///   - temperature: 1 … 20 is usual; it softens both sides.
  ///   - alpha: the teacher's share; the labels have the rest.
  public static func hinton(
    temperature: Double = 4, alpha: Double = 0.7,
    training: TrainingOptions = TrainingOptions(optimiser: AdamW(learningRate: 1e-4))
  ) -> DistillationRecipe {
    DistillationRecipe(task: [
      DistillationPhase(
        "distillation", objective: .hinton(temperature: temperature, alpha: alpha), training: training)
    ])
  }
}
