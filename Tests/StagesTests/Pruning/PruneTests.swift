import Artifacts
import Declaring
import Models
import RetortTesting
import Tensors
import Testing
import Training

@testable import Stages

/// The stage as a whole: what it writes, and what must not change a byte of it.
struct PruneTests {
  private func bytes(_ fixture: PruningFixture, _ services: FakeServices) async throws -> [String: String] {
    try digests(of: await services.result(of: fixture.stage(in: services)).folder)
  }

  @Test func countsAreTheTargets() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices(threads: 2)
    let stage = try fixture.stage(in: services)
    let known = services.forecast(of: stage)
    let pruned = try await services.result(of: stage)
    let model = try StoredModel(reading: pruned.folder)
    #expect(
      model.bert.configuration.blockShapes == .init(repeating: .init(headCount: 2, intermediateSize: 10), count: 3))
    #expect(services.journal.metrics["heads"] == 6 && services.journal.metrics["neurons"] == 30)
    #expect(services.journal.metrics["dev accuracy before recovery"] != nil)
    #expect(services.journal.metrics["dev accuracy"] != nil)
    #expect(services.journal.progress.first?.note == "cut 1 of 2")
    #expect(services.journal.progress.last?.note == "epoch 2 of 2")
    // What planning said, and by hand: a head is 4 wide, 16 inputs, three projections and an output.
    #expect(known == pruned.facts)
    let before = try #require(fixture.model.facts.parameters)
    #expect(pruned.facts.parameters == before - 3 * (2 * 4 * (3 * 17 + 16) + 14 * (16 + 1 + 16)))
    #expect(pruned.facts.parameters == model.bert.layout.parameterCount)
    #expect(pruned.facts.heads == 2 && pruned.facts.intermediate == 10 && pruned.facts.family == "retort-bert")
  }

  @Test func threadsDoNotChangeAByte() async throws {
    let fixture = try await PruningFixture()
    let one = try await bytes(fixture, FakeServices(threads: 1))
    for threads in [2, 3] { #expect(try await bytes(fixture, FakeServices(threads: threads)) == one) }
    #expect(one.keys.sorted() == ["config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"])
  }

  /// A stop after any checkpoint, while scoring or while training.
  @Test func aStopDoesNotChangeAByte() async throws {
    let fixture = try await PruningFixture()
    let undisturbed = FakeServices()
    let whole = try await bytes(fixture, undisturbed)
    // Two cuts of three batches, two epochs of three.
    let count = undisturbed.journal.snapshots.count
    #expect(count == 12)
    for stop in 1...count {
      let stopping = FakeServices(checkpointLimit: stop)
      await #expect(throws: CancellationError.self) { _ = try await self.bytes(fixture, stopping) }
      let going = FakeServices(threads: 2)
      going.restore(from: try #require(stopping.journal.snapshots.last))
      #expect(try await bytes(fixture, going) == whole, "after checkpoint \(stop)")
      // Nothing that was done is done again.
      let scored = going.journal.progress.count { $0.note?.hasPrefix("cut") == true }
      #expect(stop < 6 ? scored > 0 : scored == 0, "after checkpoint \(stop)")
    }
  }

  @Test func withoutRecoveryItIsTheSlicedInput() async throws {
    let fixture = try await PruningFixture()
    let input = try StoredModel(reading: fixture.model.folder)
    let masks = PruningMasks(
      heads: [[true, false, false, true], [false, true, true, true], [false, false, false, true]],
      neurons: (0..<3).map { block in (0..<24).map { $0 % (block + 2) == 0 } })
    let kept = KeptUnits([
      .init(heads: [0, 3], neurons: Array(stride(from: 0, to: 24, by: 2))),
      .init(heads: [1, 2, 3], neurons: Array(stride(from: 0, to: 24, by: 3))),
      .init(heads: [3], neurons: Array(stride(from: 0, to: 24, by: 4))),
    ])
    let (bert, values) = try input.bert.slicing(input.values, to: kept)
    let services = FakeServices()
    let output = try await services.result(of: fixture.stage(in: services, .masks(masks), recovery: nil))
    let model = try StoredModel(reading: output.folder)
    #expect(model.bert == bert && model.values[0..<values.count] == values[0..<values.count])
    #expect(output.facts.heads == nil && output.facts.intermediate == nil && output.facts.family == "retort-bert")
    #expect(services.journal.metrics["dev accuracy before recovery"] != nil)
    #expect(services.journal.snapshots.isEmpty)
  }

  @Test func unevenCutsReportWhatIsAboveTheTarget() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let options = PruningOptions(
      [.heads(keeping: 1), .ffn(removing: 0.5)], iterations: 3, distribution: .uneven, multipleOf: 4, batchSize: 8)
    let stage = try fixture.stage(in: services, .scores(options), recovery: nil)
    let known = services.forecast(of: stage)
    #expect(known.heads == nil && known.parameters == nil && known.layers == 3)
    let shapes = try await StoredModel(reading: services.result(of: stage).folder).bert.configuration.blockShapes
    let found = try #require(shapes)
    #expect(found.allSatisfy { $0.headCount >= 1 && $0.intermediateSize >= 4 && $0.intermediateSize % 4 == 0 })
    let heads = found.reduce(0) { $0 + $1.headCount }
    #expect(heads >= 3)
    #expect(services.journal.metrics["heads above the target"] == (heads > 3 ? Double(heads - 3) : nil))
  }

  /// Recovery learns from whom it is told to, also where the teacher reads other words.
  @Test func teachers() async throws {
    let fixture = try await PruningFixture()
    let own = try digests(of: await fixture.fresh { try fixture.stage(in: $0) }.folder)
    let text = try fixture.home.input(
      await fixture.home.result(of: TaskText(fixture.home.input(fixture.splits.train))))
    let words = try await fixture.home.result(of: TrainVocabulary(on: text, size: 90))
    let teacher = try PruningFixture.model(BertTokenizer(folder: words.folder), in: fixture.home, seed: 7)
    #expect(fixture.home.faults(of: try fixture.stage(in: fixture.home, teacher: teacher)).isEmpty)
    let other = try digests(of: await fixture.fresh { try fixture.stage(in: $0, teacher: teacher) }.folder)
    #expect(own["config.json"] == other["config.json"] && own["vocab.txt"] == other["vocab.txt"])
    #expect(own["model.safetensors"] != other["model.safetensors"])
    // The input as its own teacher, said aloud, is the default.
    let itself = try await fixture.fresh { try fixture.stage(in: $0, teacher: fixture.model) }
    #expect(try digests(of: itself.folder) == own)
  }

  /// Training, distilling from it and into it, evaluation, integers, and pruning once more.
  @Test func aPrunedModelGoesOn() async throws {
    let fixture = try await PruningFixture()
    let pruned = try await fixture.fresh { try fixture.stage(in: $0) }
    let options = TrainingOptions(epochs: 1, batchSize: 8)
    func heads(_ model: Model<Classifier>) throws -> [Int]? {
      try StoredModel(reading: model.folder).bert.configuration.blockShapes?.map(\.headCount)
    }
    let tuned = try await fixture.fresh { services in
      let task = try services.input(fixture.splits)
      return FineTune(
        try services.input(pruned), train: task.train, dev: task.dev, length: 32, training: options)
    }
    #expect(try heads(tuned) == [2, 2, 2])
    for (student, expected) in [(nil, [2, 2, 2]), (Student.blocks([0, 2]), [2, 2])] {
      let distilled = try await fixture.fresh { services in
        let (task, teacher) = (try services.input(fixture.splits), try services.input(pruned))
        return TaskDistill(
          teacher, into: student ?? .model(teacher.encoder), train: task.train, dev: task.dev,
          phases: DistillationRecipe.hinton(training: options).task, length: 32)
      }
      #expect(try heads(distilled) == expected)
    }
    let services = FakeServices()
    let (model, task) = (try services.input(pruned), try services.input(fixture.splits))
    let int8 = try services.input(await services.result(of: Quantize(model)))
    let evaluation = try await services.result(of: Evaluate(int8, on: task.test, against: model, length: 32))
    #expect(evaluation.examples == 8 && (evaluation.agreement ?? 0) >= 0.75)
    let figures = try await services.result(
      of: Benchmark(model, on: task.test, sentences: 4, rounds: 1, length: 32))
    #expect(figures.sentencesPerSecond > 0)

    var again = try fixture.stage(in: services)
    again.model = model
    again.selection = .scores(PruningOptions([.heads(keeping: 1)], iterations: 1))
    let known = services.forecast(of: again)
    #expect(known.headSize == 4)
    let smaller = try await services.result(of: again)
    #expect(smaller.facts.heads == 1 && smaller.facts == known)
  }

  /// Other tools have no BERT with blocks of unlike widths, and no integers: they get a dense equivalent.
  @Test func denseEquivalents() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let pruned = try services.input(
      await services.result(of: fixture.stage(in: services, .masks(Self.unlike), recovery: nil)))
    let int8 = try services.input(await services.result(of: Quantize(pruned)))
    let teacher = try InferenceModel(folder: fixture.model.folder)
    let texts = ["a fine film", "dull", "a film of great charm , and none of it is dull"]
    for (model, bound) in [(pruned, Float(1e-5)), (int8, 0.1)] {
      let export = Export(model, as: .huggingFace, .onnx, to: "out")
      #expect(services.faults(of: export).isEmpty)
      let result = try await services.result(of: export)
      #expect(result.facts.precision == "f32" && result.facts.family == "bert" && result.facts.heads == 4)
      #expect(result.facts.headSize == 4 && result.facts.intermediate == 20)
      #expect(services.forecast(of: export).heads == 4)
      let (own, plain) = (
        try InferenceModel(folder: services.folder(of: model)), try InferenceModel(folder: result.folder)
      )
      #expect(plain.configuration.blockShapes == nil && plain.precision == "f32" && plain.labels == teacher.labels)
      #expect(result.facts.parameters == plain.parameterCount && plain.parameterCount > own.parameterCount)
      let (expected, answers) = (try own.logits(of: texts), try plain.logits(of: texts))
      for (row, other) in zip(expected, answers) {
        #expect(zip(row, other).allSatisfy { abs($0 - $1) <= bound })
      }
      let file = model.edge == int8.edge ? "model_quantized.onnx" : "model.onnx"
      #expect(try Files.names(in: result.folder.appending("onnx")) == [file])
      // The model as it is and its equivalent are two models: they do not fit into one folder.
      let both = Export(model, as: .retort, .huggingFace, to: "out")
      #expect(services.faults(of: both).map(\.place.field) == ["forms"])
      let error = await #expect(throws: RetortError.self) { _ = try await services.result(of: both) }
      #expect(error?.code == "export.forms")
    }
  }

  /// Three of four heads in each of three blocks; 9, 20 and 20 of 24 neurons.
  private static let unlike = PruningMasks(
    heads: .init(repeating: [true, false, true, true], count: 3),
    neurons: [9, 20, 20].map { kept in (0..<24).map { $0 < kept } })

  @Test func exports() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let pruned = try services.input(
      await services.result(of: fixture.stage(in: services, .masks(Self.unlike), recovery: nil)))
    let int8 = try services.input(await services.result(of: Quantize(pruned)))
    for model in [pruned, int8] {
      let export = Export(model, as: .retort, to: "out")
      #expect(services.faults(of: export).isEmpty)
      #expect(try await services.result(of: export).folder == services.folder(of: model))
    }
    // ONNX has any widths, in floats and integers.
    for (model, file) in [(pruned, "model.onnx"), (int8, "model_quantized.onnx")] {
      let export = Export(model, as: .onnx, to: "out")
      #expect(services.faults(of: export).isEmpty)
      let folder = try await services.result(of: export).folder
      #expect(try Files.names(in: folder) == ["config.json", "onnx", "tokenizer_config.json", "vocab.txt"])
      #expect(try Files.names(in: folder.appending("onnx")) == [file])
      let both = try await services.result(of: Export(model, as: .retort, .onnx, to: "out")).folder
      #expect(
        try Files.names(in: both)
          == ["config.json", "model.safetensors", "onnx", "tokenizer_config.json", "vocab.txt"])
      #expect(try InferenceModel(folder: both).head == .classifier(labels: 2))
    }
    #expect(
      services.faults(of: Export(int8, as: .onnx, onnx: .init(opset: 9), to: "out")).map(\.place.field) == [
        "onnx.opset"
      ])
    let unknown = ExportForm(rawValue: "gguf")
    #expect(services.faults(of: Export(int8, as: unknown, to: "out")).map(\.place.field) == ["forms"])
    // Neurons alone, evenly: a plain BERT.
    let neurons = PruningMasks(neurons: .init(repeating: (0..<24).map { $0 < 9 }, count: 3))
    let plain = try services.input(
      await services.result(of: fixture.stage(in: services, .masks(neurons), recovery: nil)))
    #expect(services.faults(of: Export(plain, to: "out")).isEmpty)
    #expect(try await services.result(of: Export(plain, to: "out")).facts.intermediate == 9)
  }

  @Test func wrongInputsAreRefused() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let scratch = try Scratch()
    let file = try scratch.file("other.tsv", "text\tlabel\na\tx\nb\ty\nc\tz\n")
    let other = try services.input(
      await services.result(of: ImportTaskData(file, split: TaskSplit(dev: 0, test: 0))))
    var stage = try fixture.stage(in: services)
    stage.train = other.train
    stage.dev = other.dev
    #expect(services.faults(of: stage).contains { $0.place.field == "train" })
    let wrong = stage
    let error = await #expect(throws: RetortError.self) { _ = try await services.result(of: wrong) }
    #expect(error?.code == "prune.labels")
    let masks = try fixture.stage(in: services, .masks(PruningMasks(heads: [[true]])))
    let second = await #expect(throws: RetortError.self) { _ = try await services.result(of: masks) }
    #expect(second?.code == "prune.option" && second?.place.field == "masks.heads")
    let int8 = try await services.result(of: Quantize(services.input(fixture.model)))
    var integers = try fixture.stage(in: services)
    integers.model = try services.input(int8)
    #expect(services.faults(of: integers).map(\.place.field) == ["model"])
  }
}

extension FakeServices {
  /// The folder under a reference to a model.
  func folder<Kind: ModelKind>(of model: Ref<Model<Kind>>) throws -> FilePath {
    try Model<Kind>(stored(model.edge)).folder
  }
}
