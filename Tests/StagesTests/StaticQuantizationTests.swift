import Artifacts
import Declaring
import Models
import RetortTesting
import Tensors
import Testing
import Training

@testable import Stages

/// Quantizing with calibrated activations, as a stage.
struct StaticQuantizationTests {
  private static let observers: [RangeObserver] = [.minMax, .movingAverage, .histogram, .percentile(99)]

  private struct World {
    var services: FakeServices
    var model: Ref<Model<Classifier>>
    var task: Ref<TaskSplits<Classification>>
  }

  /// A classifier with random weights large enough that answers differ.
  private func world(threads: Int = 1) async throws -> World {
    let services = FakeServices(threads: threads)
    let corpus = try await services.result(of: SampleSentences(40, besides: 40, dev: 8, test: 8))
    let vocabulary = try await services.result(of: TrainVocabulary(on: services.input(corpus), size: 120))
    let tokenizer = try BertTokenizer(folder: vocabulary.folder)
    var configuration = BertConfiguration(
      vocabularySize: tokenizer.vocabularySize, hiddenSize: 32, layerCount: 2, headCount: 4, intermediateSize: 48,
      maximumPositions: 32)
    configuration.labels = ["negative", "positive"]
    configuration.initializerRange = 0.3
    let bert = try Bert(configuration, head: .classifier(labels: 2))
    let folder = try services.makeFolder("model")
    let facts = try StoredModel(bert, values: bert.initialValues(seed: 7), tokenizer: tokenizer).write(to: folder)
    return World(
      services: services, model: try services.input(Model<Classifier>(folder: folder, facts: facts)),
      task: try services.input(await services.result(of: SampleReviews(train: 40, dev: 8, test: 8))))
  }

  @Test(arguments: observers)
  func aSmallModelThatAnswersAlike(observer: RangeObserver) async throws {
    let world = try await world()
    let services = world.services
    let stage = Quantize(
      world.model, .staticInt8(calibration: world.task.train, examples: 32, observer: observer, batch: 8, length: 32))
    let int8 = try await services.result(of: stage)
    #expect(int8.facts.precision == "int8" && int8.facts.labels == ["negative", "positive"])
    #expect(services.journal.progress.last?.unit == "batches")
    #expect(services.journal.progress.last?.done == services.journal.progress.last?.total)
    let stored = try QuantizedCheckpoint(folder: int8.folder)
    #expect(stored.convention == .fixed() && stored.ranges.count == stored.bert.linearLayers.count)
    let dense = try StoredModel(reading: Model<Classifier>(services.stored(world.model.edge)).folder)
    let sizes = try (
      ModelFolder.bytes(in: Model<Classifier>(services.stored(world.model.edge)).folder),
      ModelFolder.bytes(in: int8.folder)
    )
    #expect(sizes.1 * 2 < sizes.0)
    let texts = try context(services, world.task.test)
    let small = try InferenceModel(folder: int8.folder).logits(of: texts)
    let whole = try InferenceModel(BertCheckpoint(dense.bert, values: dense.values), tokenizer: dense.tokenizer)
      .logits(of: texts)
    #expect(relativeDifference(small.flatMap { $0 }, whole.flatMap { $0 }) < 0.3)
    #expect(zip(small, whole).count { ($0[0] < $0[1]) == ($1[0] < $1[1]) } >= 7)
  }

  private func context(_ services: FakeServices, _ data: Ref<TaskData<Classification>>) throws -> [String] {
    try TaskData<Classification>(services.stored(data.edge)).examples().map(\.text)
  }

  @Test func threadsChangeNoByte() async throws {
    for observer in Self.observers {
      var all: [[String: [UInt8]]] = []
      for threads in 1...3 {
        let world = try await world(threads: threads)
        let stage = Quantize(
          world.model, .staticInt8(calibration: world.task.dev, examples: 8, observer: observer, batch: 3, length: 32))
        all.append(try files(of: await world.services.result(of: stage).folder))
      }
      #expect(all[0] == all[1] && all[0] == all[2] && !all[0].isEmpty)
    }
  }

  @Test func examplesComeFromTheWholeSet() async throws {
    let world = try await world()
    func ranges(_ examples: Int) async throws -> [String: ValueRange] {
      let stage = Quantize(world.model, .staticInt8(calibration: world.task.train, examples: examples, length: 32))
      return try QuantizedCheckpoint(folder: await world.services.result(of: stage).folder).ranges
    }
    let all = try await ranges(40)
    #expect(try await ranges(400) == all, "fewer texts than were asked for: all of them")
    // More texts never make a range of all that was seen narrower.
    let half = try await ranges(20)
    #expect(half != all && half.allSatisfy { $0.value.low >= all[$0.key]?.low ?? 0 })
  }

  @Test func anEmptySetIsRefused() async throws {
    let world = try await world()
    let empty = try TaskData<Classification>(
      writing: [], labels: ["negative", "positive"], to: world.services.makeFolder("empty"))
    let stage = Quantize(
      world.model, .staticInt8(calibration: try world.services.input(empty), length: 32))
    #expect(world.services.faults(of: stage).map(\.place.field) == ["method.data"])
    let error = await #expect(throws: RetortError.self) { _ = try await world.services.result(of: stage) }
    #expect(error?.code == "quantize.calibration" && error?.remedy.isEmpty == false)
  }

  @Test func whatPlanningFinds() throws {
    let stubs = Stubs()
    let (model, data) = (try stubs.model(Classifier.self, facts { $0.positions = 64 }), try stubs.data())
    func found(_ method: QuantizationMethod) -> (faults: [String?], warnings: [String?]) {
      var forecast = Forecast { $0 == model.edge ? facts { $0.positions = 64 } : .unknown }
      _ = Quantize(model, method).forecast(&forecast)
      return (forecast.faults.map(\.place.field), forecast.warnings.map(\.place.field))
    }
    func calibrated(_ examples: Int = 256, _ observer: RangeObserver = .minMax, batch: Int = 32, length: Int = 64)
      -> (faults: [String?], warnings: [String?])
    {
      found(.staticInt8(calibration: data, examples: examples, observer: observer, batch: batch, length: length))
    }
    #expect(calibrated() == ([], []))
    #expect(calibrated(0) == (["method.examples"], []))
    for few in [1, 99, 1_001] { #expect(calibrated(few) == ([], ["method.examples"])) }
    #expect(calibrated(batch: 0).faults == ["method.batch"])
    #expect(calibrated(length: 65).faults == ["length"])
    #expect(calibrated(256, .movingAverage(constant: 2)).faults == ["method.observer.constant"])
    #expect(calibrated(256, .percentile(40, bins: 3)).faults == ["method.observer.percent", "method.observer.bins"])
    let calibration = Int8Calibration(data: data.examples, examples: 256, observer: .minMax, batch: 32, length: 64)
    #expect(found(.dynamic(.fixed())).faults == ["method"])
    #expect(found(.calibrated(Int8Convention(), by: calibration)).faults == ["method"])
    let wide = try stubs.model(Classifier.self, facts { ($0.hidden, $0.intermediate) = (128, 70_000) })
    #expect(stubs.services.faults(of: Quantize(wide)).map(\.place.field) == ["model"])
  }

  @Test func theKeyCoversTheMethod() throws {
    let stubs = Stubs()
    let (model, second) = (try stubs.model(Classifier.self), try stubs.model(Classifier.self))
    let (one, other) = (try stubs.data(), try stubs.data())
    let methods: [QuantizationMethod] = [
      .dynamicInt8, .dynamicInt8(activations: .tensor), .dynamicInt8(grid: .affine), .dynamicInt8(reduceRange: true),
      .dynamicInt8(weights: .full), .dynamicInt8(weightScales: .tensor), .staticInt8(calibration: one),
      .staticInt8(calibration: one, examples: 100), .staticInt8(calibration: one, observer: .histogram),
      .staticInt8(calibration: one, observer: .percentile(99)), .staticInt8(calibration: one, grid: .symmetric),
      .staticInt8(calibration: one, reduceRange: true), .staticInt8(calibration: one, weights: .full),
      .staticInt8(calibration: one, weightScales: .tensor), .staticInt8(calibration: one, batch: 16),
      .staticInt8(calibration: one, length: 64), .staticInt8(calibration: other),
    ]
    let keys = try methods.map {
      try RecipeTemplate(stage: "s", version: 1, options: Quantize(model, $0), defaultSeed: 0)
    }
    #expect(Set(keys).count == methods.count)
    try expectKeyCoversEveryProperty(
      of: Quantize(model, .staticInt8(calibration: one)),
      changing: ["model": { $0.model = second }, "method": { $0.method = methods[0] }])
  }
}
