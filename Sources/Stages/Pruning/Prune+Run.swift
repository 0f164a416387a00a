import Declaring
import Models
import Tensors
import Training

extension Prune {
  public func run(_ context: StageContext) async throws -> Model<Kind.Answers> {
    let seed = context.seed(seed)
    let model = try StoredModel(reading: context.load(model).folder)
    let prepared = try TaskPreparation(
      train: train, dev: dev, tokenizer: model.tokenizer, length: length, in: context)
    let data = prepared.train
    try require(model, labels: data.names, field: "model")
    let team = ThreadTeam(context.threads)

    let (kept, finished) = try chosen(of: model, on: data, seed: seed, team: team, context: context)
    let (bert, values) = try rethrowing { try model.bert.slicing(model.values, to: kept) }
    context.log(
      "kept: heads \(kept[.heads].map(\.count)), neurons \(kept[.neurons].map(\.count)) in blocks 0 …; "
        + "\(bert.layout.parameterCount) of \(model.bert.layout.parameterCount) parameters")
    context.record("heads", Double(kept.count(of: .heads)))
    context.record("neurons", Double(kept.count(of: .neurons)))

    let metric = Kind.form.metric
    let score = prepared.dev.score(by: try TextOutputs(bert, team: team), metric: metric)
    if let score { context.record("dev \(metric.words) before recovery", metric.signed(try score(values))) }
    var trained = values
    if let recovery {
      let soft = recovery.objective.needsTeacher ? try answers(of: model, to: data, team: team, context: context) : []
      let task = data.task(for: bert, objective: recovery.objective, teacher: soft)
      trained = try Stages.train(
        task, values: values, options: recovery.training, seed: seed,
        context: context.phase("recovery", after: finished), team: team, metric: metric, selecting: score)
    }
    return try StoredModel(bert, values: trained, tokenizer: model.tokenizer).published(by: context)
  }

  /// The units that stay, and the snapshot that lets a later attempt skip finding them.
  private func chosen(
    of model: StoredModel, on data: TaskExamples, seed: UInt64, team: ThreadTeam, context: StageContext
  ) throws -> (KeptUnits, [String: Snapshot]) {
    guard case .scores(let options) = selection else {
      guard case .masks(let masks) = selection else { return (KeptUnits(all: model.bert.configuration), [:]) }
      return (try masks.kept(of: model.bert.configuration), [:])
    }
    let phase = context.phase("pruning")
    let pruner = try IterativePruner(
      model.bert, values: model.values,
      examples: ScoringExamples(
        texts: data.texts, labels: data.labels, values: data.values, objective: Kind.form.objective, limit: examples,
        seed: seed), options: options,
      team: team)
    if let snapshot = try phase.restore() {
      try pruner.restore(snapshot)
      context.log("going on after cut \(pruner.state.step) of \(pruner.steps)")
    }
    var logged = pruner.state.step
    try pruner.run { progress in
      phase.report(
        Progress(
          Double(progress.examples), of: Double(progress.totalExamples), unit: "sentences",
          note: "cut \(min(progress.step + 1, progress.steps)) of \(progress.steps)"))
      if logged < progress.step {
        logged = progress.step
        phase.log(
          "cut \(logged) of \(progress.steps): \(progress.heads) heads and \(progress.neurons) neurons are left")
      }
      try phase.checkCancellation()
      try phase.checkpoint { try pruner.snapshot() }
    }
    for unit in PrunableUnit.allCases where pruner.excess(of: unit) > 0 {
      let excess = pruner.excess(of: unit)
      context.log("\(excess) \(unit.rawValue) more than asked for stay: every block keeps its last ones")
      context.record("\(unit.rawValue) above the target", Double(excess))
    }
    return (pruner.kept, ["pruning": try pruner.snapshot()])
  }

  /// The teacher's logits, [examples, classes]; it reads the texts with its own vocabulary.
  private func answers(
    of model: StoredModel, to data: TaskExamples, team: ThreadTeam, context: StageContext
  ) throws -> [Float] {
    guard let teacher else {
      return try TextOutputs(model.bert, team: team).logits(of: data.texts, values: model.values)
    }
    let other = try StoredModel(reading: context.load(teacher).folder)
    try require(other, labels: data.names, field: "teacher")
    let texts = try TaskExamples(context.load(train), by: other.tokenizer, length: length).texts
    return try TextOutputs(other.bert, team: team).logits(of: texts, values: other.values)
  }

  private func require(_ model: StoredModel, labels: [String], field: String) throws {
    guard !Kind.form.hasLabels || model.bert.configuration.labels == labels else {
      throw RetortError(
        "prune.labels", "The labels are \(model.bert.configuration.labels), the data's \(labels).",
        remedy: "Use a model of this task.", at: Place(field: field))
    }
  }
}
