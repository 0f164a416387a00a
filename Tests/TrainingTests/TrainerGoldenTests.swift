import Models
import RetortTesting
import Tensors
import Testing
import Training

/// The trainer against PyTorch: `Tests/Goldens/training.py` says what is trained how.
struct TrainerGoldenTests {
  private let golden: Golden
  private let bert: Bert

  init() throws {
    golden = try Golden("training")
    bert = try Bert(
      BertConfiguration(
        vocabularySize: 50, hiddenSize: 24, layerCount: 2, headCount: 3, intermediateSize: 40, maximumPositions: 16,
        dropout: 0), head: .classifier(labels: 3))
  }

  private func values(_ prefix: String) throws -> FlatBuffer<Float> {
    let values = FlatBuffer<Float>(count: bert.layout.count)
    for entry in bert.layout.entries { values.write(try golden.floats("\(prefix).\(entry.name)"), at: entry.offset) }
    return values
  }

  private func task() throws -> SequenceTask {
    var ids = try golden.integers("ids")[...]
    var texts: [[Int32]] = []
    for length in try golden.integers("lengths") {
      texts.append(Array(ids.prefix(Int(length))))
      ids = ids.dropFirst(Int(length))
    }
    return SequenceTask(
      bert, texts: EncodedTexts(ids: texts), labels: try golden.integers("labels"),
      teacher: try golden.floats("teacher"), objective: .hinton(temperature: 4, alpha: 0.7))
  }

  private func options(shards: Int) -> TrainingOptions {
    TrainingOptions(
      epochs: 5, batchSize: 5, shards: shards,
      optimiser: AdamW(learningRate: 3e-3, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.05),
      schedule: LearningRateSchedule(warmup: 0.4), maximumGradientNorm: 0.5)
  }

  @Test(arguments: [1, 2, 4]) func fiveSteps(shards: Int) throws {
    let trainer = try Trainer(
      task(), values: values("initial"), options: options(shards: shards), seed: 1, team: ThreadTeam(2))
    try trainer.run()
    #expect(relativeDifference(trainer.state.epochs.map(\.loss), try golden.floats("losses")) <= 1e-5)
    for entry in bert.layout.entries where !entry.name.hasSuffix("key.bias") {
      let difference = try relativeDifference(trainer.values[entry.range], golden.floats("final.\(entry.name)"))
      #expect(difference <= 1e-5, "\(entry.name): \(difference)")
    }
  }

  @Test func scheduleIsThatOfTransformers() throws {
    let schedule = LearningRateSchedule(warmup: 0.4)
    let factors = (0..<5).map { schedule.factor(step: $0, of: 5) }
    #expect(relativeDifference(factors, try golden.floats("factors")) <= 1e-7)
  }

  @Test func onlyTheFrozenPartStays() throws {
    var options = options(shards: 2)
    options.groups = [.frozen("bert.embeddings"), LayerGroup("bert.embeddings.LayerNorm", rateFactor: 1)]
    let initial = try values("initial")
    let trainer = try Trainer(task(), values: initial.copy(), options: options, seed: 1, team: ThreadTeam(1))
    try trainer.run()
    for entry in bert.layout.entries where !entry.name.hasSuffix("key.bias") {
      let isFrozen = entry.name.hasPrefix("bert.embeddings") && !entry.name.contains("LayerNorm")
      let isUntouched = try initial[entry.range] == trainer.values[entry.range]
      #expect(isFrozen == isUntouched, "\(entry.name)")
    }
  }
}
