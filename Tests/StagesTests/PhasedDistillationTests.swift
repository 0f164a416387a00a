import Artifacts
import Declaring
import Foundation
import RetortTesting
import Tensors
import Testing
import Training

@testable import Stages

/// General distillation and TinyBERT's two phases on a task, as stages: threads, stops in either phase, what is written.
struct PhasedDistillationTests {
  private static let options = TrainingOptions(epochs: 1, batchSize: 8, optimiser: AdamW(learningRate: 1e-3))
  private static let recipe = DistillationRecipe.tinyBERT(general: options, intermediate: options, prediction: options)

  /// The data and the teachers, made once a test.
  private struct Setting {
    var splits: TaskSplits<Classification>
    var corpus: Corpus
    var language: Model<MaskedLM>
    var teacher: Model<Classifier>
    /// Their folders live as long as these.
    var services: [FakeServices]
  }

  private func setting() async throws -> Setting {
    let services = FakeServices()
    let splits = try await services.result(of: SampleReviews(train: 24, dev: 8, test: 8))
    let corpus = try await services.result(of: SampleSentences(24, besides: 24, dev: 8, test: 8))
    let vocabulary = try await services.result(of: TrainVocabulary(on: services.input(corpus), size: 120))
    let (pretrainer, tuner) = (FakeServices(), FakeServices())
    let language = try await pretrainer.language(corpus, vocabulary)
    let teacher = try await tuner.result(
      of: FineTune(
        tuner.input(language), train: tuner.input(splits.train), dev: tuner.input(splits.dev), length: 32,
        training: Self.options))
    return Setting(
      splits: splits, corpus: corpus, language: language, teacher: teacher, services: [services, pretrainer, tuner])
  }

  private func general(_ setting: Setting, _ services: FakeServices) throws -> PretrainDistill {
    PretrainDistill(
      try services.input(setting.language), into: .bert(layers: 1, hidden: 8, heads: 2, positions: 32),
      on: try services.input(setting.corpus), recipe: Self.recipe, length: 32)
  }

  private func student(
    _ setting: Setting, _ general: Model<EncoderOnly>, _ services: FakeServices
  ) throws -> TaskDistill<Classification> {
    TaskDistill(
      try services.input(setting.teacher), into: .model(try services.input(general)),
      train: try services.input(setting.splits.train), dev: try services.input(setting.splits.dev),
      phases: Self.recipe.task, length: 32)
  }

  @Test func threadsAndStopsDoNotChangeAByte() async throws {
    let setting = try await setting()
    let teacherBefore = try files(of: setting.teacher.folder)
    var wholes: [[String: [UInt8]]] = []
    var encoder: Model<EncoderOnly>?
    let makers = (1...3).map { FakeServices(threads: $0) }
    for services in makers {
      let made = try await services.result(of: general(setting, services))
      #expect(made.facts.layers == 1 && made.facts.hidden == 8 && made.facts.labels == nil)
      encoder = encoder ?? made
      wholes.append(try files(of: made.folder))
    }
    #expect(wholes[0] == wholes[1] && wholes[0] == wholes[2])
    let start = try #require(encoder)

    let services = FakeServices(threads: 2)
    let model = try await services.result(of: student(setting, start, services))
    let whole = try files(of: model.folder)
    #expect(
      services.journal.metrics.keys.sorted() == [
        "intermediate loss", "prediction best epoch", "prediction dev accuracy", "prediction loss",
      ])
    #expect(services.journal.progress.last.map { $0.done == $0.total } == true)
    #expect(try StoredModel(reading: model.folder).bert.layout.entries.allSatisfy { !$0.name.hasPrefix("projection") })
    // Three steps of each phase: a stop after any of them, in either phase, goes on to the same bytes.
    for step in 1...5 {
      let stopping = FakeServices(checkpointLimit: step)
      await #expect(throws: CancellationError.self) {
        _ = try await stopping.result(of: student(setting, start, stopping))
      }
      let going = FakeServices(threads: 3)
      going.restore(from: try #require(stopping.journal.snapshots.last))
      let rest = try await going.result(of: student(setting, start, going))
      #expect(try files(of: rest.folder) == whole, "after step \(step)")
    }
    #expect(try files(of: setting.teacher.folder) == teacherBefore)
    withExtendedLifetime((makers, setting)) {}
  }

  @Test func planningSaysWhatDoesNotFit() throws {
    let stubs = Stubs()
    let teacher = try stubs.model(
      MaskedLM.self,
      facts {
        $0.layers = 4
        $0.hidden = 128
        $0.heads = 4
        $0.positions = 128
      })
    let corpus = try stubs.corpus()
    func fields(_ student: Student, _ recipe: DistillationRecipe = .tinyBERT()) -> [String] {
      stubs.services.faults(of: PretrainDistill(teacher, into: student, on: corpus, recipe: recipe)).map {
        $0.place.field ?? ""
      }
    }
    #expect(fields(.bert(layers: 2, hidden: 64, heads: 4)) == [])
    #expect(fields(.bert(layers: 2, hidden: 64)) == ["student"], "heads")
    #expect(Set(fields(.bert(layers: 3, hidden: 64, heads: 4))) == ["student"], "depth")
    #expect(fields(.thinned(layers: 3)).contains("student"))
    #expect(fields(.thinned(layers: 2)) == [])
    #expect(fields(.bert(layers: 2, hidden: 64, heads: 4), .hinton()) == ["recipe"])
    var narrow = DistillationRecipe.tinyBERT()
    narrow.general[0].matches[1].projection = .none
    narrow.general[0].matches[0].projection = .shared("missing")
    #expect(Set(fields(.bert(layers: 2, hidden: 64, heads: 4), narrow)) == ["student", "projections"])
  }
}

extension FakeServices {
  fileprivate func language(_ corpus: Corpus, _ vocabulary: Vocabulary) async throws -> Model<MaskedLM> {
    try await result(
      of: Pretrain(
        .bert(layers: 2, hidden: 16, heads: 2, positions: 32), vocabulary: input(vocabulary), on: input(corpus),
        epochs: 1, length: 32))
  }
}
