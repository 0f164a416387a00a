import Artifacts
import Declaring
import Models
import RetortTesting
import Testing
import Training

@testable import Stages

/// What planning finds of the pruning stages, and what their keys cover.
struct PruningPlanTests {
  private let stubs = Stubs()

  private func fields(_ stage: some Stage) -> [String?] { stubs.services.faults(of: stage).map(\.place.field) }

  private func bert(_ change: (inout Facts) -> Void = { _ in }) throws -> Ref<Model<Classifier>> {
    try stubs.model(
      Classifier.self,
      facts {
        $0.family = "bert"
        $0.layers = 4
        $0.hidden = 128
        $0.heads = 4
        $0.intermediate = 512
        $0.positions = 128
        $0.precision = "f32"
        $0.labels = ["a", "b"]
        change(&$0)
      })
  }

  private func task() throws -> Ref<TaskSplits<Classification>> { try stubs.task(facts { $0.labels = ["a", "b"] }) }

  @Test func allFaultsAtOnce() throws {
    let (model, task) = (try bert(), try task())
    #expect(fields(Prune(model, on: task, .heads(removing: 0.5), .ffn(removing: 0.3), multipleOf: 8)) == [])
    #expect(fields(Prune(model, on: task)) == ["targets"])
    #expect(
      fields(
        Prune(
          model, on: task, .heads(removing: 1.5), .ffn(keeping: 600), iterations: 0, distribution: .uneven,
          multipleOf: 7, examples: 0, batch: 0, recovery: .distillation(temperature: 0, epochs: 0), length: 129))
        == [
          "length", "iterations", "batchSize", "multipleOf", "heads", "ffn", "ffn", "examples", "recovery.epochs",
          "recovery.temperature",
        ])
    #expect(fields(Prune(try bert { $0.precision = "int8" }, on: task, .heads(keeping: 2))) == ["model"])
    #expect(fields(Prune(try bert { $0.labels = ["a", "c"] }, on: task, .heads(keeping: 2))) == ["train"])
    let foreign = try bert { $0.labels = ["x", "y"] }
    #expect(fields(Prune(model, on: task, .heads(keeping: 2), teacher: foreign)) == ["teacher"])
    #expect(
      fields(Prune(model, on: task, masks: PruningMasks(heads: [[true], [false, true, false, false]])))
        == ["masks.heads", "masks.heads"])
    #expect(
      fields(
        Prune(
          model, on: task, masks: PruningMasks(heads: .init(repeating: .init(repeating: false, count: 4), count: 4))))
        == .init(repeating: "masks.heads", count: 4))
    #expect(fields(Prune(model, on: task, masks: PruningMasks())) == ["masks"])
    let faults = stubs.services.faults(of: Prune(model, on: task, .heads(removing: 1), iterations: -1))
    #expect(faults.count == 2 && faults.allSatisfy { !$0.remedy.isEmpty })
  }

  @Test func whatIsAllowedAndUnwise() throws {
    func warnings(_ stage: Prune<Classification>) -> [String?] {
      var forecast = Forecast(inputs: [:])
      _ = stage.forecast(&forecast)
      return forecast.warnings.map(\.place.field)
    }
    let (model, task) = (try bert(), try task())
    #expect(warnings(Prune(model, on: task, .heads(keeping: 2))) == [])
    #expect(warnings(Prune(model, on: task, .heads(removing: 0), .ffn(removing: 0))) == ["targets"])
    #expect(warnings(Prune(model, on: task, .heads(keeping: 2), recovery: nil, teacher: model)) == ["teacher"])
    #expect(warnings(Prune(model, on: task, .heads(keeping: 2), recovery: .labels(), teacher: model)) == ["teacher"])
  }

  @Test func whatPlanningKnows() throws {
    let (model, task) = (try bert { $0.parameters = 1_000_000 }, try task())
    let even = stubs.services.forecast(of: Prune(model, on: task, .heads(removing: 0.5), .ffn(keeping: 256)))
    #expect(even.heads == 2 && even.intermediate == 256 && even.layers == 4 && even.family == "retort-bert")
    // Four blocks lose two heads of 32 × (3 · 129 + 128) weights, and 256 neurons of 128 + 1 + 128.
    #expect(even.parameters == 1_000_000 - 4 * (2 * 32 * 515 + 256 * 257))
    let neurons = stubs.services.forecast(of: Prune(model, on: task, .ffn(removing: 0.5)))
    #expect(neurons.family == "bert" && neurons.heads == 4 && neurons.parameters == 1_000_000 - 4 * 256 * 257)
    let uneven = stubs.services.forecast(of: Prune(model, on: task, .heads(keeping: 2), distribution: .uneven))
    #expect(uneven.heads == nil && uneven.intermediate == 512 && uneven.parameters == nil && uneven.family == nil)
    #expect(uneven.labels == ["a", "b"] && uneven.positions == 128)
    let unknown = stubs.services.forecast(of: Prune(try stubs.model(Classifier.self), on: task, .heads(keeping: 2)))
    #expect(unknown.heads == nil && unknown.labels == ["a", "b"])
    let words = stubs.services.forecast(of: PruneVocabulary(model, keeping: task))
    #expect(words.vocabulary == nil && words.tokenizer == nil && words.parameters == nil && words.heads == 4)
  }

  @Test func wordFaults() throws {
    let (model, text) = (try bert(), try stubs.corpus())
    #expect(fields(PruneVocabulary(model, keeping: text)) == [])
    #expect(
      fields(PruneVocabulary(try bert { $0.precision = "int8" }, keeping: text, minimumCount: 0, also: [""]))
        == ["model", "minimumCount", "also"])
    #expect(fields(PruneVocabulary(model)) == ["texts"])
    #expect(fields(PruneVocabulary(model, also: ["a"], allowsNoText: true)) == [])
  }

  @Test func keysOfPrune() throws {
    let (model, other) = (try bert(), try bert())
    let data = try stubs.data()
    try expectKeyCoversEveryProperty(
      of: Prune(model, on: task(), .heads(removing: 0.5)),
      changing: [
        "model": { $0.model = other }, "train": { $0.train = data }, "dev": { $0.dev = data },
        "selection": { $0.selection = .masks(PruningMasks(heads: [[true]])) }, "examples": { $0.examples = nil },
        "recovery": { $0.recovery = nil }, "teacher": { $0.teacher = model }, "length": { $0.length = 9 },
        "seed": { $0.seed = 7 },
      ])
    // Every option of the scores counts.
    let changes: [(inout PruningOptions) -> Void] = [
      { $0.targets = [.heads(keeping: 2)] }, { $0.targets = [.ffn(removing: 0.5)] }, { $0.iterations = 9 },
      { $0.distribution = .uneven }, { $0.order = .headFirst }, { $0.multipleOf = 8 }, { $0.loss = .logits },
      { $0.neuronScore = .both }, { $0.batchSize = 9 }, { _ in },
    ]
    let task = try task()
    let keys = try changes.map { change in
      var stage = Prune(model, on: task, .heads(removing: 0.5))
      var options = PruningOptions([.heads(removing: 0.5)])
      change(&options)
      stage.selection = .scores(options)
      return try RecipeTemplate(
        stage: Prune<Classification>.id, version: Prune<Classification>.version, options: stage, defaultSeed: 0)
    }
    #expect(Set(keys).count == changes.count)
  }

  @Test func keysOfPruneVocabulary() throws {
    let (model, other, text) = (try bert(), try bert(), try stubs.corpus())
    let data = try stubs.data()
    try expectKeyCoversEveryProperty(
      of: PruneVocabulary(model, keeping: text),
      changing: [
        "model": { $0.model = other }, "texts": { $0.texts = [.examples(data)] },
        "minimumCount": { $0.minimumCount = 2 }, "also": { $0.also = ["a"] },
        "allowsNoText": { $0.allowsNoText = true },
      ])
  }
}
