import Models
import RetortTesting
import Tensors
import Testing

@testable import Training

/// TinyBERT's phases against PyTorch, five steps each: `Tests/Goldens/tinybert.py` says what is trained how.
struct TinyBERTGoldenTests {
  private let golden: Golden
  private let teacher: Bert
  private let student: Bert

  init() throws {
    golden = try Golden("tinybert")
    func bert(_ hidden: Int, _ layers: Int, _ intermediate: Int) throws -> Bert {
      try Bert(
        BertConfiguration(
          vocabularySize: 50, hiddenSize: hidden, layerCount: layers, headCount: 2, intermediateSize: intermediate,
          maximumPositions: 16, dropout: 0), head: .classifier(labels: 3))
    }
    teacher = try bert(24, 4, 40)
    student = try bert(16, 2, 24)
  }

  private func values(_ prefix: String, _ layout: ParameterLayout) throws -> FlatBuffer<Float> {
    let values = FlatBuffer<Float>(count: layout.count)
    for entry in layout.entries { values.write(try golden.floats("\(prefix).\(entry.name)"), at: entry.offset) }
    return values
  }

  private var texts: EncodedTexts {
    get throws {
      let ids = try golden.integers("ids")
      return EncodedTexts(ids: stride(from: 0, to: ids.count, by: 9).map { Array(ids[$0..<$0 + 9]) })
    }
  }

  private var recipe: DistillationRecipe {
    let training = TrainingOptions(
      epochs: 5, batchSize: 4,
      optimiser: AdamW(learningRate: 3e-3, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.05),
      schedule: LearningRateSchedule(warmup: 0, shape: .constant), maximumGradientNorm: nil)
    return .tinyBERT(general: training, intermediate: training, prediction: training)
  }

  @Test(arguments: [1, 2, 3]) func fiveStepsOfEachPhase(shards: Int) throws {
    var phases = recipe.task
    for index in phases.indices { phases[index].training.shards = shards }
    let frozen = try values("teacher", teacher.layout)
    let before = frozen[0..<frozen.count]
    let matching = try Matching(
      teacher: teacher, values: frozen, student: student, matches: phases[0].matches,
      projections: phases[0].projections)
    var current = try values("initial", matching.layout)
    current = try check(
      SequenceTask(student, texts: texts, objective: phases[0].objective, matching: matching), phases[0], current)
    let team = ThreadTeam(2)
    let answers = try TextOutputs(teacher, team: team).logits(of: texts, values: frozen)
    _ = try check(
      SequenceTask(student, texts: texts, teacher: answers, objective: phases[1].objective), phases[1],
      current.prefix(student.layout.count))
    #expect(frozen[0..<frozen.count] == before, "the teacher is as it was")
  }

  private func check(
    _ task: SequenceTask, _ phase: DistillationPhase, _ initial: FlatBuffer<Float>
  ) throws -> FlatBuffer<Float> {
    let trainer = try Trainer(task, values: initial, options: phase.training, seed: 1, team: ThreadTeam(2))
    try trainer.run()
    #expect(
      relativeDifference(trainer.state.epochs.map(\.loss), try golden.floats("\(phase.name).losses")) <= 1e-5,
      "\(phase.name)")
    for entry in task.layout.entries where !entry.name.hasSuffix("key.bias") {
      let difference = relativeDifference(
        try trainer.values[entry.range], try golden.floats("\(phase.name).\(entry.name)"))
      #expect(difference <= 1e-5, "\(phase.name), \(entry.name): \(difference)")
    }
    return try trainer.values
  }

  /// With the same weights on both sides, no projection and no dropout, everything to match is 0 and so are the gradients.
  @Test func fixedPoint() throws {
    let frozen = try values("teacher", teacher.layout)
    for convention in [DistillationRecipe.TinyBERTConvention.referenceCode, .paper] {
      var matches = DistillationRecipe.tinyBERT(convention).task[0].matches
      for index in matches.indices { (matches[index].projection, matches[index].map) = (.none, .identity) }
      let matching = try Matching(teacher: teacher, values: frozen, student: teacher, matches: matches, projections: [])
      let task = SequenceTask(teacher, texts: try texts, objective: OutputObjective([]), matching: matching)
      let batch = Batch(examples: [0, 1, 2, 3], epoch: 0, step: 0)
      for shard in try task.shards(of: batch, count: 2) {
        let graph = try Graph<Float>()
        let gradients = FlatBuffer<Float>(count: task.layout.count)
        graph.begin(recording: true)
        try task.addLosses(
          of: shard, with: ParameterBinding(task.layout, values: frozen, gradients: gradients), in: graph)
        graph.backward()
        #expect(graph.loss == 0)
        #expect(gradients.buffer.allSatisfy { abs($0) <= 1e-6 })
      }
    }
  }

  @Test func theLedgerOfThePresets() throws {
    let recipe = DistillationRecipe.tinyBERT()
    let inside = ["embeddings", "hiddenStates", "attentionScores"]
    let head = [LayerGroup.frozen("bert.pooler"), .frozen("classifier")]
    #expect(
      PhaseLedger(recipe.general, examples: 1_000).rows == [
        PhaseLedger.Row(phase: "general", steps: 0..<12, losses: inside, rates: head)
      ])
    #expect(
      PhaseLedger(recipe.task, examples: 100).rows == [
        PhaseLedger.Row(phase: "intermediate", steps: 0..<80, losses: inside, rates: head),
        PhaseLedger.Row(phase: "prediction", steps: 80..<92, losses: ["answers"], rates: []),
      ])
    #expect(
      PhaseLedger(DistillationRecipe.hinton().task, examples: 64).rows == [
        PhaseLedger.Row(phase: "distillation", steps: 0..<6, losses: ["labels", "answers"], rates: [])
      ])
  }
}
