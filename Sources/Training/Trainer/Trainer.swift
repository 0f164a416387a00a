import Artifacts
import Models
import Tensors

/// Trains a model step by step: batches in shards, gradients summed in shard order, AdamW with a schedule and clipping.
///
/// Its state is in flat buffers and `TrainerState`; `snapshot()` and `restore(_:)` carry it over a stop at any step, and
/// the run then gives the bits that it would have given without.
public final class Trainer<Task: TrainingTask> {
  public let task: Task
  public let options: TrainingOptions
  public let seed: UInt64
  /// The weights as they are now, all of them up to date.
  public var values: FlatBuffer<Float> {
    get throws {
      try optimiser.settle(team: team)
      return buffer
    }
  }
  public internal(set) var state = TrainerState()
  /// The loss of the step just done, before its update; nil at first.
  public private(set) var lastLoss: Double?

  /// The weights; seldom read ones may be some steps behind.
  let buffer: FlatBuffer<Float>
  let optimiser: Optimiser
  let order: BatchOrder
  /// The weights of `state.bestEpoch`.
  var best: FlatBuffer<Float>?
  private let team: ThreadTeam
  private var graphs: [Graph<Float>] = []
  private var gradients: [ShardGradients<Float>] = []
  private var permutation: (epoch: Int, order: [Int])?

  /// - Parameters:
  ///   - values: the initial weights; the trainer changes them in place.
  ///   - team: the threads to compute with. Results do not depend on their number.
  /// - Throws: `RetortError` where there is nothing to train on, or OpenBLAS is missing.
  public init(
    _ task: Task, values: FlatBuffer<Float>, options: TrainingOptions, seed: UInt64, team: ThreadTeam
  ) throws {
    guard task.exampleCount > 0 else {
      throw RetortError(
        "training.empty", "There are no examples to train on.", remedy: "Check the data that goes into this stage.")
    }
    if let fault = options.faults.first {
      throw RetortError("training.option", fault.message, remedy: "Change it.", at: Place(field: fault.field))
    }
    self.task = task
    buffer = values
    self.options = options
    self.seed = seed
    self.team = team
    let table = try rethrowing { try task.lookupTable.map { name in try task.layout.entry(name) } }
    optimiser = Optimiser(
      options.optimiser, maximumNorm: options.maximumGradientNorm, layout: task.layout, groups: options.groups,
      values: values, table: table)
    order = BatchOrder(examples: task.exampleCount, batchSize: options.batchSize, seed: seed)
    for _ in 0..<options.shards {
      graphs.append(try rethrowing { try Graph<Float>() })
      gradients.append(try rethrowing { try ShardGradients(task.layout, table: task.lookupTable) })
    }
  }

  /// Bytes of the arenas in which steps are computed: they grow to what the largest batch needs, and stay.
  public var memory: Int { graphs.reduce(0) { $0 + $1.arena.capacity } }

  /// Steps of the whole run.
  public var steps: Int { order.stepsPerEpoch * options.epochs }
  public var isFinished: Bool { state.step >= steps }

  /// The weights that the run leads to: the best epoch's where a selection chose one, else the last.
  public var result: FlatBuffer<Float> { get throws { try best ?? values } }

  /// Trains from where it is to the end.
  ///
  /// - Parameters:
  ///   - select: called after each epoch with its weights; the epoch with the highest score (the first of equals) is
  ///     the result. Nil takes the last epoch.
  ///   - afterStep: called when everything that belongs to a step is done, so that a snapshot taken there is whole.
  /// - Throws: `training.diverged` naming the step; what the task and the closures throw.
  public func run(
    selecting select: ((FlatBuffer<Float>) throws -> Double)? = nil,
    afterStep: (TrainingProgress) throws -> Void = { _ in }
  ) throws {
    while !isFinished {
      try step()
      if state.step % order.stepsPerEpoch == 0 { try finishEpoch(select) }
      try afterStep(progress)
    }
  }

  /// One step of the optimiser. Epochs are finished by `run`.
  func step() throws {
    let batch = nextBatch()
    let shards = try rethrowing { try task.shards(of: batch, count: options.shards) }
    let randomness = Randomness(seed: seed, step: batch.step)
    if task.lookupTable != nil { try optimiser.catchUp(shards.flatMap { task.lookedUpRows(of: $0) }, team: team) }
    try rethrowing {
      try team.run(shards.count) { index, _ in
        let graph = graphs[index]
        graph.begin(recording: true, randomness: randomness)
        gradients[index].begin()
        try task.addLosses(
          of: shards[index],
          with: ParameterBinding(task.layout, values: buffer, replacing: gradients[index]), in: graph)
        graph.backward()
        gradients[index].finish()
      }
    }
    let loss = graphs.prefix(shards.count).reduce(0) { $0 + $1.loss }
    guard loss.isFinite else { throw diverged("The loss became \(loss)", at: batch) }
    let factor = options.schedule.factor(step: batch.step, of: steps)
    let norm = try optimiser.update(by: gradients, factor: factor, team: team)
    guard norm.isFinite else { throw diverged("The gradient's norm became \(norm)", at: batch) }
    state.step += 1
    lastLoss = loss
    state.lossSum += loss * Double(batch.examples.count)
    state.lossExamples += batch.examples.count
  }

  func finishEpoch(_ select: ((FlatBuffer<Float>) throws -> Double)?) throws {
    let score = try select?(values)
    if let score, score > (state.bestEpoch.flatMap { state.epochs[$0].score } ?? -.infinity) {
      state.bestEpoch = state.epochs.count
      let values = try values
      if let best {
        best.pointer.update(from: values.pointer, count: values.count)
      } else {
        best = values.copy()
      }
    }
    state.epochs.append(EpochRecord(loss: state.lossSum / Double(max(1, state.lossExamples)), score: score))
    state.lossSum = 0
    state.lossExamples = 0
  }

  private func nextBatch() -> Batch {
    let (epoch, stepInEpoch) = state.step.quotientAndRemainder(dividingBy: order.stepsPerEpoch)
    if permutation?.epoch != epoch { permutation = (epoch, order.permutation(epoch: epoch)) }
    let range = order.range(ofStep: stepInEpoch)
    return Batch(
      examples: permutation.map { Array($0.order[range]) } ?? [], epoch: epoch, step: state.step, of: steps)
  }

  private var progress: TrainingProgress {
    let (epoch, stepInEpoch) = state.step.quotientAndRemainder(dividingBy: order.stepsPerEpoch)
    let isBetween = stepInEpoch == 0
    let loss =
      isBetween ? state.epochs.last?.loss ?? 0 : state.lossSum / Double(max(1, state.lossExamples))
    return TrainingProgress(
      step: state.step, steps: steps,
      examples: epoch * order.examples + order.range(ofStep: stepInEpoch).lowerBound,
      totalExamples: options.epochs * order.examples, epoch: isBetween ? epoch : epoch + 1, epochs: options.epochs,
      loss: loss, score: state.epochs.last?.score)
  }

  private func diverged(_ what: String, at batch: Batch) -> RetortError {
    RetortError(
      "training.diverged", "\(what) at step \(batch.step + 1) of \(steps) (epoch \(batch.epoch + 1)).",
      remedy: "Lower the learning rate (it is \(options.optimiser.learningRate)), warm up longer, or clip gradients; "
        + "check that the initial weights are finite.", at: Place(field: "learningRate"))
  }
}
