import Artifacts
import Declaring
import RetortTesting
import Testing
import Training

@testable import Stages

/// What planning finds before anything runs: the field of each fault.
struct ForecastTests {
  private let stubs = Stubs()

  private func fields(_ stage: some Stage) -> [String?] { stubs.services.faults(of: stage).map(\.place.field) }

  @Test func shapes() throws {
    let (words, text) = (try stubs.vocabulary(), try stubs.corpus())
    func pretrain(_ shape: BertShape, length: Int = 64) -> Pretrain {
      Pretrain(shape, vocabulary: words, on: text, length: length)
    }
    #expect(fields(pretrain(.bert(layers: 2, hidden: 64))) == [])
    #expect(fields(pretrain(.bert(layers: 0, hidden: 64))) == ["shape.layers"])
    #expect(fields(pretrain(.bert(layers: 2, hidden: 0, heads: 1))) == ["shape.hidden", "shape.intermediate"])
    #expect(fields(pretrain(.bert(layers: 2, hidden: 64, heads: 5))) == ["shape.heads"])
    #expect(fields(pretrain(.bert(layers: 2, hidden: 64, heads: -1))) == ["shape.heads"])
    #expect(fields(pretrain(.bert(layers: 2, hidden: 64, dropout: 1))) == ["shape.dropout"])
    #expect(fields(pretrain(.bert(layers: 2, hidden: 64, positions: 32))) == ["length"])
    #expect(fields(pretrain(.bert(layers: 2, hidden: 64), length: 2)) == ["length"])
    #expect(
      fields(
        Pretrain(
          .bert(layers: 2, hidden: 64), vocabulary: words, on: text, epochs: 0, batch: 0, learningRate: -1,
          warmup: 2, masking: TokenMasking(share: 2), shards: 0))
        == ["epochs", "batchSize", "shards", "learningRate", "warmup", "masking.share"])
    #expect(
      stubs.services.faults(of: pretrain(.bert(layers: 2, hidden: 64, heads: 5))).allSatisfy { !$0.remedy.isEmpty })
  }

  @Test func standardShapes() {
    #expect(BertShape.bert(layers: 1, hidden: 768).heads == 12)
    #expect(BertShape.bert(layers: 1, hidden: 128).heads == 4)
    #expect(BertShape.bert(layers: 1, hidden: 312).heads == 6)
    #expect(BertShape.bert(layers: 1, hidden: 16).heads == 1)
    #expect(BertShape.bert(layers: 1, hidden: 128).intermediate == 512)
  }

  @Test func whatPlanningKnows() throws {
    let teacher = try stubs.model(
      Classifier.self,
      facts {
        $0.labels = ["a", "b"]
        $0.positions = 64
        $0.layers = 4
        $0.tokenizer = "1"
        $0.precision = "f32"
      })
    let task = try stubs.task(facts { $0.labels = ["a", "b"] })
    let stage = TaskDistill(teacher, into: .blocks([1, 3]), on: task, length: 64)
    #expect(fields(stage) == [])
    let known = stubs.services.forecast(of: stage)
    #expect(known.layers == 2 && known.labels == ["a", "b"] && known.tokenizer == "1")
  }

  @Test func distillation() throws {
    let teacher = try stubs.model(
      Classifier.self,
      facts {
        $0.labels = ["a", "b"]
        $0.positions = 64
        $0.layers = 4
        $0.tokenizer = "1"
      })
    let task = try stubs.task(facts { $0.labels = ["a", "b"] })
    func distill(
      _ student: Student = .blocks([0]), on task: Ref<TaskSplits<Classification>>? = nil, temperature: Double = 4,
      alpha: Double = 0.7, length: Int = 64
    ) throws -> TaskDistill<Classification> {
      TaskDistill(
        teacher, into: student, on: try task ?? stubs.task(), temperature: temperature, alpha: alpha, length: length)
    }
    #expect(fields(try distill(on: task)) == [])
    #expect(fields(try distill(temperature: 0)) == ["temperature"])
    #expect(fields(try distill(temperature: -.infinity)) == ["temperature"])
    #expect(fields(try distill(alpha: 1.1)) == ["alpha"])
    #expect(fields(try distill(length: 65)) == ["length"])
    #expect(fields(try distill(.blocks([]))) == ["student"])
    #expect(fields(try distill(.blocks([1, 1]))) == ["student"])
    #expect(fields(try distill(.blocks([4]))) == ["student"])
    #expect(fields(try distill(.bert(layers: 1, hidden: 64, positions: 32))) == ["length"])
    let foreign = try stubs.model(EncoderOnly.self, facts { $0.tokenizer = "2" })
    #expect(fields(try distill(.model(foreign))) == ["student"])
    let integers = try stubs.model(EncoderOnly.self, facts { $0.precision = "int8" })
    #expect(fields(try distill(.model(integers))) == ["student"])
    #expect(fields(try distill(on: stubs.task(facts { $0.labels = ["a", "c"] }))) == ["train"])
    #expect(fields(try distill(on: stubs.task(facts { $0.labels = ["a"] }))) == ["train", "train"])
  }

  @Test func aHighTemperatureIsAllowedAndWarnedOf() throws {
    let stage = TaskDistill(
      try stubs.model(Classifier.self), into: .bert(layers: 1, hidden: 32), on: try stubs.task(), temperature: 21)
    var forecast = Forecast(inputs: [:])
    _ = stage.forecast(&forecast)
    #expect(forecast.faults.isEmpty)
    #expect(forecast.warnings.map(\.place.field) == ["temperature"])
  }

  @Test func others() throws {
    let int8 = try stubs.model(Classifier.self, facts { $0.precision = "int8" })
    let model = try stubs.model(Classifier.self)
    let data = try stubs.data()
    #expect(fields(Quantize(int8)) == ["model"])
    #expect(fields(Export(int8, as: .huggingFace, .retort, to: "out")) == ["forms"])
    #expect(fields(Export(model, to: "")) == ["destination"])
    #expect(fields(FineTune(int8, on: try stubs.task())) == ["base"])
    #expect(fields(Benchmark(model, on: data, sentences: 0, batch: 0, rounds: 0)) == ["sentences", "batch", "rounds"])
    #expect(fields(Evaluate(model, on: try stubs.data(facts { $0.examples = 0 }))) == ["data"])
    #expect(fields(Compare(on: data) {}) == ["models"])
    #expect(fields(SampleReviews(train: 1, dev: 0, test: 60_000)) == ["train", "dev", "test"])
    #expect(fields(SampleSentences(0)) == ["count"])
    let text = try stubs.corpus()
    #expect(
      fields(TrainVocabulary(on: text, size: 3, minimumFrequency: 0, alphabet: 0, length: 1))
        == ["size", "minimumFrequency", "alphabet", "length"])
    #expect(stubs.services.forecast(of: Quantize(model)).precision == "int8")
  }
}
