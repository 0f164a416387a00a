import Artifacts
import Declaring
import Models
import RetortTesting
import Synchronization
import Tensors
import Training

@testable import Stages

/// A small classifier with weights at random, and reviews to prune it on.
struct PruningFixture {
  /// Holds the folders.
  let home: FakeServices
  let model: Model<Classifier>
  let splits: TaskSplits<Classification>
  private let keeper = Keeper()
  static let options = PruningOptions([.heads(removing: 0.5), .ffn(keeping: 10)], iterations: 2, batchSize: 8)

  init(seed: UInt64 = 1) async throws {
    home = FakeServices()
    splits = try await home.result(of: SampleReviews(train: 24, dev: 8, test: 8))
    let text = try home.input(await home.result(of: TaskText(home.input(splits.train))))
    let words = try await home.result(of: TrainVocabulary(on: text, size: 120))
    model = try Self.model(BertTokenizer(folder: words.folder), in: home, seed: seed)
  }

  /// - Parameter head: three blocks of four heads, 4 wide, and 24 neurons.
  static func stored(
    _ tokenizer: BertTokenizer, head: BertHead = .classifier(labels: 2), seed: UInt64 = 1
  ) throws -> StoredModel {
    var configuration = BertConfiguration(
      vocabularySize: tokenizer.vocabularySize, hiddenSize: 16, layerCount: 3, headCount: 4, intermediateSize: 24,
      maximumPositions: 32)
    configuration.initializerRange = 0.3
    if head.outputs == 2 { configuration.labels = ["negative", "positive"] }
    let bert = try Bert(configuration, head: head)
    return StoredModel(bert, values: bert.initialValues(seed: seed), tokenizer: tokenizer)
  }

  static func model(_ tokenizer: BertTokenizer, in services: FakeServices, seed: UInt64) throws -> Model<Classifier> {
    let folder = try services.makeFolder("model")
    return Model(folder: folder, facts: try stored(tokenizer, seed: seed).write(to: folder))
  }

  static let recovery = Recovery.distillation(epochs: 2, batch: 8, learningRate: 1e-3)

  /// The stage with its inputs known to some services.
  func stage(
    in services: FakeServices, _ selection: PruningSelection = .scores(options), recovery: Recovery? = recovery,
    teacher: Model<Classifier>? = nil
  ) throws -> Prune<Classification> {
    try Prune(
      services.input(model), train: services.input(splits.train), dev: services.input(splits.dev),
      selection: selection, examples: nil, recovery: recovery, teacher: teacher.map { try services.input($0) },
      length: 32, seed: .standard)
  }

  /// Runs a stage with services of its own, whose snapshots are no other stage's; they live as long as this fixture.
  func fresh<S: Stage>(_ make: (FakeServices) throws -> S) async throws -> S.Output {
    let services = FakeServices(threads: 2)
    keeper.services.withLock { $0.append(services) }
    return try await services.result(of: make(services))
  }

  private final class Keeper: Sendable {
    let services = Mutex<[FakeServices]>([])
  }
}

/// What tells the bytes of a folder's files apart, by name.
func digests(of folder: FilePath) throws -> [String: String] {
  try files(of: folder).mapValues { bytes in
    var hasher = ContentHasher()
    hasher.update(bytes)
    return hasher.finish().hex
  }
}
