import Declaring
import Models
import Training

/// Takes the least important attention heads and intermediate neurons out of a model of a task, and lets it recover by
/// distillation (TextPruner, Yang et al. 2022).
///
/// ```swift
/// let small = stage("small", Prune(student, on: reviews, .heads(removing: 0.5), .ffn(removing: 0.3), iterations: 4))
/// ```
public struct Prune<Kind: LearnableTask>: Stage {
  public static var id: String { "prune.\(Kind.Answers.name)" }
  public static var version: Int { 4 }

  var model: Ref<Model<Kind.Answers>>
  var train: Ref<TaskData<Kind>>
  var dev: Ref<TaskData<Kind>>
  var selection: PruningSelection
  /// At most so many examples of `train` are scored on; nil for all.
  var examples: Int?
  var recovery: Recovery?
  var teacher: Ref<Model<Kind.Answers>>?
  var length: Int
  var seed: Seed

  /// Chooses units by their scores.
  ///
  /// - Parameters:
  ///   - task: `train` is scored and learnt on, `dev` chooses the epoch; `test` is not touched.
  ///   - targets: `.heads(removing: 0.5)`, `.heads(keeping: 2)`, `.ffn(removing: 0.3)`, `.ffn(keeping: 256)`.
  ///   - iterations: in how many cuts the targets are reached, each with a pass over the examples.
  ///   - distribution: whether blocks lose equally much. Only models with equal heads and neurons in all blocks, and all
  ///     heads kept, are plain BERTs for other tools.
  ///   - order: whether heads and neurons go together or in turn, which takes twice as many passes.
  ///   - multipleOf: neurons stay in multiples of this.
  ///   - loss: `.labels`, or `.logits` where there are none.
  ///   - neuronScore: which weights of a neuron count.
  ///   - examples: at most so many are scored on, a random sample; nil for all.
  ///   - batch: examples a gradient is taken over while scoring.
  ///   - recovery: the training after the last cut; nil for none.
  ///   - teacher: what recovery learns from; nil for the model before pruning. It may have another vocabulary.
  public init(
    _ model: Ref<Model<Kind.Answers>>, on task: Ref<TaskSplits<Kind>>, _ targets: PruningTarget...,
    iterations: Int = 4, distribution: PruningOptions.Distribution = .even, order: PruningOptions.Order = .none,
    multipleOf: Int = 1, loss: PruningOptions.Loss = .labels,
    neuronScore: PruningOptions.NeuronScore = .reference, examples: Int? = 2_048, batch: Int = 32,
    recovery: Recovery? = .distillation(), teacher: Ref<Model<Kind.Answers>>? = nil, length: Int = 128,
    seed: Seed = .standard
  ) {
    self.init(
      model, train: task.train, dev: task.dev,
      selection: .scores(
        PruningOptions(
          targets, iterations: iterations, distribution: distribution, order: order, multipleOf: multipleOf, loss: loss,
          neuronScore: neuronScore, batchSize: batch)),
      examples: examples, recovery: recovery, teacher: teacher, length: length, seed: seed)
  }

  /// Takes units out by masks of the user's own.
  public init(
    _ model: Ref<Model<Kind.Answers>>, on task: Ref<TaskSplits<Kind>>, masks: PruningMasks,
    recovery: Recovery? = .distillation(), teacher: Ref<Model<Kind.Answers>>? = nil, length: Int = 128,
    seed: Seed = .standard
  ) {
    self.init(
      model, train: task.train, dev: task.dev, selection: .masks(masks), examples: nil, recovery: recovery,
      teacher: teacher, length: length, seed: seed)
  }

  /// With every value of the recipe.
  init(
    _ model: Ref<Model<Kind.Answers>>, train: Ref<TaskData<Kind>>, dev: Ref<TaskData<Kind>>,
    selection: PruningSelection, examples: Int?, recovery: Recovery?, teacher: Ref<Model<Kind.Answers>>?, length: Int,
    seed: Seed
  ) {
    self.model = model
    self.train = train
    self.dev = dev
    self.selection = selection
    self.examples = examples
    self.recovery = recovery.map { Recovery($0.objective.adapted(to: Kind.form), training: $0.training) }
    self.teacher = teacher
    self.length = length
    self.seed = seed
  }

  public var resources: Resources { Resources(cores: recovery?.training.shards ?? 2) }
}

/// What decides on the units that are taken out.
enum PruningSelection: Codable, Sendable, Hashable {
  case scores(PruningOptions)
  case masks(PruningMasks)
}
