import Artifacts
import Models
import Tensors

/// Takes heads and neurons out of a model in several cuts, each after a new scoring of what is left (TextPruner,
/// Yang et al. 2022).
///
/// Between cuts the removed units stay where they are with their weights at 0; `Bert.slicing` takes them out in the end.
/// Nothing is trained meanwhile. Like a trainer it goes on from a snapshot with the same bits.
public final class IterativePruner {
  public private(set) var state: PruningState
  public let steps: Int

  private let bert: Bert
  private let values: FlatBuffer<Float>
  private let options: PruningOptions
  private let scoring: UnitScoring
  /// Scores as long as nothing is removed, and afterwards.
  private let first, later: SequenceTask
  private let schedules: [PrunableUnit: RemovalSchedule]
  private let cuts: [[PrunableUnit]]
  private let whole: KeptUnits
  private var masked: FlatBuffer<Float>

  /// - Parameters:
  ///   - values: the weights; they are not changed.
  /// - Throws: `prune.option` naming the option that does not fit the model, `prune.unlabelled` where the loss needs labels
  ///   and there are none, `training.empty`.
  public init(
    _ bert: Bert, values: FlatBuffer<Float>, examples: ScoringExamples, options: PruningOptions, team: ThreadTeam
  ) throws {
    let shapes = (0..<bert.configuration.layerCount).map(bert.configuration.blockShape)
    for shape in shapes {
      if let fault = options.faults(heads: shape.headCount, neurons: shape.intermediateSize).first {
        throw RetortError("prune.option", fault.message, remedy: fault.remedy, at: Place(field: fault.field))
      }
    }
    guard examples.texts.count > 0 else {
      throw RetortError(
        "training.empty", "There are no examples to score on.", remedy: "Check the data that goes into this stage.")
    }
    (self.bert, self.values, self.options) = (bert, values, options)
    (first, later) = try Self.tasks(bert, values, examples, options.loss, team)
    scoring = try UnitScoring(bert, countsIncoming: options.countsIncoming, team: team)
    var schedules: [PrunableUnit: RemovalSchedule] = [:]
    for target in options.targets {
      schedules[target.unit] = RemovalSchedule(
        counts: shapes.map { $0.count(of: target.unit) },
        targets: shapes.map { options.shape(after: $0).count(of: target.unit) }, iterations: options.iterations)
    }
    self.schedules = schedules
    cuts = Self.cuts(options)
    steps = cuts.count
    masked = values.copy()
    whole = KeptUnits(all: bert.configuration)
    state = PruningState(scores: UnitScores(zerosFor: bert.configuration), kept: whole)
  }

  public var kept: KeptUnits { state.kept }

  /// By how many units more than asked for stay, because a block kept its last ones.
  public func excess(of unit: PrunableUnit) -> Int {
    guard let schedule = schedules[unit] else { return 0 }
    return state.kept.count(of: unit) - schedule.total(after: options.iterations - 1)
  }

  /// Makes all cuts that are left.
  ///
  /// - Parameter afterGroup: called after a few batches each time, when a snapshot may be taken.
  public func run(afterGroup: (PruningProgress) throws -> Void = { _ in }) throws {
    try bert.mask(masked, to: state.kept)
    let batches = self.batches
    while state.step < steps {
      let task = state.kept == whole ? first : later
      let group = batches[state.batches..<min(state.batches + scoring.batchesAtOnce, batches.count)]
      try scoring.add(Array(group), of: task, values: masked, to: &state.scores)
      state.batches += group.count
      if state.batches == batches.count { try cut() }
      try afterGroup(progress)
    }
  }

  /// Whether a state may be one of this pruning.
  func fits(_ state: PruningState) -> Bool {
    let zeros = UnitScores(zerosFor: bert.configuration)
    return (0...steps).contains(state.step) && (0..<max(1, batches.count)).contains(state.batches)
      && state.scores.heads.map(\.count) == zeros.heads.map(\.count)
      && state.scores.neurons.map(\.count) == zeros.neurons.map(\.count)
      && state.kept.faults(for: bert.configuration).isEmpty
  }

  /// Goes on where a state that fits left off.
  func go(on state: PruningState) {
    self.state = state
    masked = values.copy()
  }

  private var batches: [Range<Int>] {
    let count = first.exampleCount
    return stride(from: 0, to: count, by: options.batchSize).map { $0..<min($0 + options.batchSize, count) }
  }

  private func cut() throws {
    let scores = state.scores.divided(by: first.exampleCount)
    let iteration = state.step / max(1, steps / options.iterations)
    for unit in cuts[state.step] {
      guard let schedule = schedules[unit] else { continue }
      switch options.distribution {
      case .even:
        state.kept[unit] = UnitSelection.even(
          scores[unit], among: state.kept[unit], leaving: schedule.perBlock(after: iteration))
      case .uneven:
        state.kept[unit] = UnitSelection.uneven(
          scores[unit], among: state.kept[unit], leaving: schedule.total(after: iteration),
          groupsOf: options.group(of: unit))
      }
    }
    state.step += 1
    state.batches = 0
    state.scores = UnitScores(zerosFor: bert.configuration)
    try bert.mask(masked, to: state.kept)
  }

  private var progress: PruningProgress {
    let scored = state.step * first.exampleCount + min(state.batches * options.batchSize, first.exampleCount)
    return PruningProgress(
      step: state.step, steps: steps, examples: scored, totalExamples: steps * first.exampleCount,
      heads: state.kept.count(of: .heads), neurons: state.kept.count(of: .neurons))
  }

  /// What each cut takes out: n cuts of all that has a target, or 2n of one kind each.
  private static func cuts(_ options: PruningOptions) -> [[PrunableUnit]] {
    let order: [[PrunableUnit]] =
      switch options.order {
      case .none: [[.heads, .neurons]]
      case .headFirst: [[.heads], [.neurons]]
      case .ffnFirst: [[.neurons], [.heads]]
      }
    let wanted = order.map { $0.filter { options.target(of: $0) != nil } }.filter { !$0.isEmpty }
    return (0..<options.iterations).flatMap { _ in wanted }
  }

  private static func tasks(
    _ bert: Bert, _ values: FlatBuffer<Float>, _ examples: ScoringExamples, _ loss: PruningOptions.Loss,
    _ team: ThreadTeam
  ) throws -> (SequenceTask, SequenceTask) {
    switch loss {
    case .labels:
      guard examples.labels.contains(where: { $0 != -100 }) || !examples.values.isEmpty else {
        throw RetortError(
          "prune.unlabelled", "No example has a label, so there is no loss to score with.",
          remedy: "Score with .logits, which needs none.", at: Place(field: "loss"))
      }
      let task = SequenceTask(
        bert, texts: examples.texts, labels: examples.labels, values: examples.values, objective: examples.objective)
      return (task, task)
    case .logits:
      let logits = try TextOutputs(bert, team: team).logits(of: examples.texts, values: values)
      let width = bert.head.outputs
      let answers = stride(from: 0, to: logits.count, by: max(1, width)).map {
        Int32(TaskPredictions.largest(logits[$0..<$0 + width]))
      }
      let frozen = SoftTerm(weight: 1, temperature: 1, divergence: .softCrossEntropy, scaling: .none)
      return (
        SequenceTask(bert, texts: examples.texts, labels: answers, objective: .classification),
        SequenceTask(bert, texts: examples.texts, teacher: logits, objective: OutputObjective([.soft(frozen)]))
      )
    }
  }
}
