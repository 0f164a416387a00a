import Artifacts
import Declaring
import Models
import RetortTesting
import Tensors
import Testing
import Training

@testable import Stages

/// Tasks of every kind with planted answers: a small model finds them, and the evaluation says so.
struct TaskKindTests {
  private static let words =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "an", "##na", "##nas", "berta", "rome", "paris", "city"]
    + ["the", "a", "walks", "sees", "near", "and", "blue", "old"] + ["zero", "one", "two", "three", "four"]
  private static let fillers = ["the", "a", "walks", "sees", "near", "and", "blue", "old"]

  private let services = FakeServices(threads: 2)

  private func base() throws -> Ref<Model<EncoderOnly>> {
    let bert = try Bert(
      BertConfiguration(
        vocabularySize: Self.words.count, hiddenSize: 16, layerCount: 1, headCount: 2, intermediateSize: 32,
        maximumPositions: 24, dropout: 0), head: .encoder)
    var values: FlatBuffer<Float> { bert.initialValues(seed: 3) }
    let stored = StoredModel(bert, values: values, tokenizer: try BertTokenizer(table: TokenTable(Self.words)))
    let folder = try services.makeFolder("base")
    return try services.input(Model<EncoderOnly>(folder: folder, facts: try stored.write(to: folder)))
  }

  private func splits<Kind: TaskKind>(
    _ kind: Kind.Type, labels: [String] = [], train: Int, held: Int,
    _ make: (Int, inout RandomStream) -> [LabelledExample]
  ) throws -> Ref<TaskSplits<Kind>> {
    func part(_ number: Int, _ count: Int) throws -> TaskData<Kind> {
      var random = RandomStream(seed: 9, purpose: .generation, step: number)
      let examples = (0..<count).flatMap { make($0, &random) }
      return try TaskData(writing: examples, labels: labels, to: services.makeFolder("part-\(number)"))
    }
    return try services.input(
      TaskSplits(train: part(0, train), dev: part(1, held), test: part(2, held)))
  }

  private static func filler(_ random: inout RandomStream) -> [String] {
    (0..<1 + random.integer(below: 4)).map { _ in fillers[random.integer(below: fillers.count)] }
  }

  private func trained<Kind: LearnableTask>(_ stage: FineTune<Kind>, on task: Ref<TaskSplits<Kind>>) async throws
    -> (model: Ref<Model<Kind.Answers>>, evaluation: Evaluation, services: FakeServices)
  {
    let model = try services.input(await fresh(stage))
    return (model, try await services.result(of: Evaluate(model, on: task.test, length: 24)), services)
  }

  private static let options = TrainingOptions(
    epochs: 12, batchSize: 16, optimiser: AdamW(learningRate: 5e-3), schedule: LearningRateSchedule(warmup: 0.1))

  @Test func numbers() async throws {
    let task = try splits(Regression.self, train: 96, held: 24) { _, random in
      let value = random.integer(below: 5)
      let word = Self.words[Self.words.count - 5 + value]
      let text = [word] + Self.filler(&random) + [word]
      return [LabelledExample(text.joined(separator: " "), target: .value(Double(value) / 2))]
    }
    var options = Self.options
    options.epochs = 40
    let stage = FineTune(try base(), train: task.train, dev: task.dev, length: 24, training: options)
    let (model, evaluation, services) = try await trained(stage, on: task)
    #expect(evaluation.primary.metric == .spearman && evaluation.primary.value > 0.8, "\(evaluation.figures)")
    #expect((evaluation[.pearson] ?? 0) > 0.85 && (evaluation[.meanSquaredError] ?? 9) < 0.2)
    #expect(services.journal.metrics["dev Spearman"] != nil && services.journal.metrics["dev accuracy"] == nil)
    let configuration = try FolderConfiguration(folder: try await folder(model))
    #expect(configuration.head == .regression)
    let timing = try await services.result(of: Benchmark(model, on: task.test, sentences: 2, rounds: 1, length: 24))
    #expect(timing.sentencesPerSecond > 0)
    // Fine-tuning goes on from a regressor's own head: nothing is lost in an epoch at no rate to speak of.
    var slow = options
    (slow.epochs, slow.optimiser.learningRate) = (1, 1e-9)
    let again = try await fresh(
      FineTune(model, train: task.train, dev: task.dev, length: 24, training: slow))
    let same = try await services.result(of: Evaluate(services.input(again), on: task.test, against: model, length: 24))
    #expect((same.agreement ?? 0) > 0.999)
    // A smaller one learns from its answers alone, and is pruned and quantized like any other.
    let student = TaskDistill(
      model, into: .model(stage.base), train: task.train, dev: task.dev,
      phases: DistillationRecipe.hinton(alpha: 1, training: options).task, length: 24)
    #expect(student.phases[0].objective.terms == [.regression(weight: 0), .logitMSE(weight: 1)])
    let distilled = try services.input(await fresh(student))
    let pruned = try services.input(
      await fresh(
        Prune(
          distilled, train: task.train, dev: task.dev, selection: .scores(PruningOptions([.ffn(removing: 0.25)])),
          examples: 16, recovery: .labels(epochs: 2, batch: 16, learningRate: 1e-3), teacher: nil, length: 24,
          seed: .standard)))
    let int8 = try services.input(await fresh(Quantize(pruned, .staticInt8(calibration: task.train, length: 24))))
    for small in [distilled, pruned, int8] {
      let found = try await services.result(of: Evaluate(small, on: task.test, against: model, length: 24))
      #expect(found.primary.value > 0.7, "\(found.figures)")
    }
  }

  /// Runs a stage whose snapshots are no other stage's.
  private func fresh<S: Stage>(_ stage: S) async throws -> S.Output {
    services.forgetSnapshots()
    return try await services.result(of: stage)
  }

  @Test func tags() async throws {
    let labels = ["O", "B-PER", "B-LOC", "I-LOC"]
    let task = try splits(Tagging.self, labels: labels, train: 96, held: 24) { _, random in
      var (words, tags) = (Self.filler(&random), [Int]())
      tags = words.map { _ in 0 }
      for (name, own) in [
        (["annas", "anna", "berta"][random.integer(below: 3)], [1]), ("rome", [2]), ("paris city", [2, 3]),
      ]
      where random.bernoulli(0.6) {
        words += name.split(separator: " ").map(String.init)
        tags += own
        let more = Self.filler(&random)
        words += more
        tags += more.map { _ in 0 }
      }
      return [LabelledExample(words: words, tags: tags)]
    }
    let stage = FineTune(try base(), train: task.train, dev: task.dev, length: 24, training: Self.options)
    let (model, evaluation, services) = try await trained(stage, on: task)
    #expect(evaluation.primary.metric == .entityF1 && evaluation.primary.value > 0.9, "\(evaluation.figures)")
    #expect(Set(evaluation.f1.keys) == ["PER", "LOC"] && evaluation.units == 24)
    #expect((evaluation[.tagAccuracy] ?? 0) > 0.95 && services.journal.metrics["dev entity F1"] != nil)
    #expect(try FolderConfiguration(folder: try await folder(model)).configuration.labels == labels)
    let board = Compare(on: task.test, length: 24, rounds: 1, sentences: 2) { model }
    #expect(board.models == [model.encoder])
    let small = try services.input(
      await fresh(
        TaskDistill(
          model, into: .model(stage.base), train: task.train, dev: task.dev,
          phases: DistillationRecipe.hinton(alpha: 0.9, training: Self.options).task, length: 24)))
    let int8 = try services.input(await fresh(Quantize(small)))
    let found = try await services.result(of: Evaluate(int8, on: task.test, against: model, length: 24))
    #expect(found.primary.value > 0.85 && (found.agreement ?? 0) > 0.9, "\(found.figures)")
    #expect(found.difference?.metric == .entityF1)
    // The same bits from other threads.
    let alone = FakeServices(threads: 1)
    let data: (Ref<TaskData<Tagging>>, Ref<TaskData<Tagging>>) = try (
      alone.input(TaskData(folder: folder(of: task.train.edge))),
      alone.input(TaskData(folder: folder(of: task.dev.edge)))
    )
    let encoder = try alone.input(Model<EncoderOnly>(folder: folder(of: stage.base.edge)))
    let other = try await alone.result(
      of: FineTune(encoder, train: data.0, dev: data.1, length: 24, training: Self.options))
    #expect(try digests(of: other.folder) == digests(of: folder(of: model.edge)))
  }

  private func folder(of edge: Edge) throws -> FilePath {
    guard case .folder(let folder) = try services.stored(edge).content else { return "/none" }
    return folder
  }

  private func folder<Kind: ModelKind>(_ model: Ref<Model<Kind>>) async throws -> FilePath {
    try folder(of: model.edge)
  }

  @Test(arguments: [nil, .pointwise(positiveWeight: 2), .listwise(candidates: 3)] as [RankingLoss?])
  func rankings(loss: RankingLoss?) async throws {
    let task = try splits(Ranking.self, train: 40, held: 12) { number, random in
      let right = random.integer(below: 4)
      return (0..<4).map { place in
        let middle = place == right ? "rome" : "paris"
        let passage = Self.filler(&random) + [middle] + Self.filler(&random)
        var example = LabelledExample("walks near", pair: passage.joined(separator: " "))
        (example.group, example.target) = ("q\(number)", .value(place == right ? 2 : 0))
        return example
      }
    }
    var stage = FineTune(
      try base(), train: task.train, dev: task.dev, length: 24, training: Self.options, metric: .mrr(),
      holdout: .share(0.2, devBelow: 100))
    stage.loss = loss
    if case .listwise = loss { stage.training.batchSize = 4 }
    let (_, evaluation, services) = try await trained(stage, on: task)
    #expect(evaluation.primary.metric == .ndcg(at: 10) && evaluation.primary.value > 0.95, "\(evaluation.figures)")
    #expect(evaluation.units == 12 && evaluation.examples == 48 && evaluation.leftOut == 0)
    #expect((evaluation[.mrr()] ?? 0) > 0.9 && (evaluation[.precision(at: 1)] ?? 0) > 0.9)
    #expect(services.journal.metrics["held out"] == 32 && services.journal.metrics["dev MRR"] != nil)
  }

  @Test func whatDoesNotFitIsRefused() async throws {
    let task = try splits(Regression.self, train: 8, held: 4) { number, _ in
      [LabelledExample("rome", target: number == 3 ? nil : .value(1))]
    }
    let stage = FineTune(try base(), on: task, length: 24)
    let unlabelled = await #expect(throws: RetortError.self) { _ = try await services.result(of: stage) }
    #expect(unlabelled?.code == "data.unlabelled" && unlabelled?.place.field == "train")
    let classifier = try services.input(await services.result(of: ConstantModel(answer: 0)))
    let wrong = Evaluate(
      classifier.encoder, on: task.train.examples, against: nil, form: .regression, metric: nil, length: 16)
    let error = await #expect(throws: RetortError.self) { _ = try await services.result(of: wrong) }
    #expect(error?.code == "evaluate.unlabelled")
    var stubs: [RetortError] { services.faults(of: FineTune(stage.base, on: task, metric: .accuracy)) }
    #expect(stubs.map(\.place.field).contains("metric"))
    let options = FineTune(stage.base, on: task, length: 24, holdout: .share(2))
    #expect(services.faults(of: options).map(\.place.field) == ["holdout.share"])
    let three = try services.input(
      TaskData<Classification>(
        writing: [LabelledExample("rome", target: .label(0))], labels: ["a", "b", "c"], to: services.makeFolder("three")
      ))
    #expect(
      services.faults(of: Evaluate(classifier, on: three, metric: .f1, length: 16)).map(\.place.field).contains(
        "metric"))
  }
}
