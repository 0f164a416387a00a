import Artifacts
import Declaring
import Models
import RetortTesting
import Tensors
import Testing
import Training

@testable import Stages

/// Words that go, and what must not change with them.
struct PruneVocabularyTests {
  private func texts(_ fixture: PruningFixture) throws -> [String] {
    try (fixture.splits.train.examples() + fixture.splits.dev.examples()).map(\.text)
  }

  @Test func answersKeepTheirBits() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let output = try await services.result(
      of: PruneVocabulary(services.input(fixture.model), keeping: services.input(fixture.splits)))
    let (whole, small) = (try InferenceModel(folder: fixture.model.folder), try InferenceModel(folder: output.folder))
    let texts = try texts(fixture)
    #expect(try small.logits(of: texts) == whole.logits(of: texts))
    let batches = (try whole.batch(of: texts), try small.batch(of: texts))
    #expect(try small.hiddenStates(batches.1) == whole.hiddenStates(batches.0))

    // Specials and the texts' tokens, and no others.
    let tokenizer = try #require(whole.tokenizer)
    let needed = texts.reduce(into: tokenizer.specialIDs) { $0.formUnion(tokenizer.ids(of: $1)) }.sorted()
    let kept = try #require(small.tokenizer as? BertTokenizer)
    #expect(kept.table.tokens == needed.compactMap { tokenizer.token($0) })
    #expect(kept.vocabularySize < tokenizer.vocabularySize)
    for text in texts { #expect(kept.ids(of: text).map { needed[Int($0)] } == tokenizer.ids(of: text)) }
    #expect(output.facts.vocabulary == needed.count && output.facts.tokenizer == kept.digest.hex)
    let before = try #require(fixture.model.facts.parameters)
    #expect(output.facts.parameters == before - (tokenizer.vocabularySize - needed.count) * 16)
    #expect(services.journal.metrics["share of the texts' tokens"] == 1)
  }

  @Test func everyKindOfModel() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let tokenizer = try BertTokenizer(folder: fixture.model.folder)
    func write(_ head: BertHead) throws -> FilePath {
      let folder = try services.makeFolder("model")
      _ = try PruningFixture.stored(tokenizer, head: head).write(to: folder)
      return folder
    }
    let (masked, bare) = (try write(.maskedLM), try write(.encoder))
    let text = try services.input(await services.result(of: TaskText(services.input(fixture.splits.train))))
    let lm = try await services.result(
      of: PruneVocabulary(services.input(Model<MaskedLM>(folder: masked)), keeping: text))
    let encoder = try await services.result(
      of: PruneVocabulary(services.input(Model<EncoderOnly>(folder: bare)), keeping: text))
    #expect(PruneVocabulary<MaskedLM>.id != PruneVocabulary<EncoderOnly>.id)
    #expect(try InferenceModel(folder: encoder.folder).head == .encoder)
    let (whole, small) = (try InferenceModel(folder: masked), try InferenceModel(folder: lm.folder))
    let sentence = try #require(fixture.splits.train.examples().first).text
    let expected = try whole.wordLogits(whole.batch(of: [sentence]), at: [1, 2])
    let found = try small.wordLogits(small.batch(of: [sentence]), at: [1, 2])
    let kept = try #require(small.tokenizer as? BertTokenizer).table.tokens.map { try #require(tokenizer.id(of: $0)) }
    #expect(found == expected.map { row in kept.map { row[Int($0)] } })
  }

  @Test func allWordsKeptIsTheSameFolder() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let tokens = try BertTokenizer(folder: fixture.model.folder).table.tokens
    let stage = try PruneVocabulary(
      services.input(fixture.model), keeping: .examples(services.input(fixture.splits.train)), also: tokens)
    let output = try await services.result(of: stage)
    #expect(try digests(of: output.folder) == digests(of: fixture.model.folder))
    #expect(output.facts == fixture.model.facts)
  }

  @Test func countsAndWords() async throws {
    let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "##d", "e"]
    let tokenizer = try BertTokenizer(table: TokenTable(tokens))
    var usage = VocabularyUsage(tokenizer)
    for text in ["a a b", "a cd", "b"] { usage.add(text) }
    #expect(usage.counts == [0, 0, 0, 0, 0, 3, 2, 1, 1, 0] && usage.total == 7)
    #expect(try usage.kept(minimumCount: 1) == [0, 1, 2, 3, 4, 5, 6, 7, 8])
    #expect(try usage.kept(minimumCount: 2) == [0, 1, 2, 3, 4, 5, 6])
    #expect(try usage.kept(minimumCount: 3, also: ["##d", "e a"]) == [0, 1, 2, 3, 4, 5, 8, 9])
    #expect(try usage.kept(minimumCount: 9) == [0, 1, 2, 3, 4])
    #expect(usage.coverage(of: [5, 6]) == 5.0 / 7)
    #expect(VocabularyUsage(tokenizer).coverage(of: []) == 1)
    for word in ["", "x"] { #expect(throws: RetortError.self) { try usage.kept(minimumCount: 1, also: [word]) } }
  }

  @Test func withoutTextItFailsUnlessForced() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let empty = try services.input(Corpus(writing: [String](), to: services.makeFolder("corpus")))
    let model = try services.input(fixture.model)
    let stage = PruneVocabulary(model, keeping: empty)
    #expect(services.faults(of: stage).map(\.place.field) == ["texts"])
    let error = await #expect(throws: RetortError.self) { _ = try await services.result(of: stage) }
    #expect(error?.code == "prune.no-text")
    let forced = PruneVocabulary(model, keeping: empty, also: ["a"], allowsNoText: true)
    #expect(services.faults(of: forced).isEmpty)
    let output = try await services.result(of: forced)
    #expect(output.facts.vocabulary == 6)
    // What it does not know is unknown to it, and that still works.
    #expect(try InferenceModel(folder: output.folder).logits(of: ["a fine film"]).count == 1)
  }

  @Test func pairsCountBothTexts() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let text = try #require(fixture.splits.train.examples().first).text
    let words = text.split(separator: " ")
    let pairs = try TaskData<Classification>(
      writing: [LabelledExample(String(words[0]), pair: text, target: .label(0))], labels: ["negative", "positive"],
      to: services.makeFolder("pairs"))
    let output = try await services.result(
      of: PruneVocabulary(services.input(fixture.model), keeping: .examples(services.input(pairs))))
    let whole = try BertTokenizer(folder: fixture.model.folder)
    #expect(output.facts.vocabulary == Set(whole.ids(of: text)).union(whole.specialIDs).count)
  }

  @Test func integersAreRefused() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let int8 = try services.input(await services.result(of: Quantize(services.input(fixture.model))))
    let stage = try PruneVocabulary(int8, keeping: services.input(fixture.splits))
    #expect(services.faults(of: stage).map(\.place.field) == ["model"])
    let error = await #expect(throws: RetortError.self) { _ = try await services.result(of: stage) }
    #expect(error?.code == "model.quantized")
  }

  // MARK: Both prunings

  /// Units, then words, is the composition of the two; both results are models like any other.
  @Test func unitsThenWords() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let masks = PruningMasks(heads: (0..<3).map { block in (0..<4).map { $0 >= block } })
    let units = try await services.result(of: fixture.stage(in: services, .masks(masks), recovery: nil))
    let words = try await services.result(
      of: PruneVocabulary(services.input(units), keeping: services.input(fixture.splits)))
    let texts = try texts(fixture)
    #expect(
      try InferenceModel(folder: words.folder).logits(of: texts)
        == InferenceModel(folder: units.folder).logits(of: texts))
    let (half, result) = (try StoredModel(reading: units.folder), try StoredModel(reading: words.folder))
    #expect(half.bert.configuration.blockShapes?.map(\.headCount) == [4, 3, 2])
    #expect(result.bert.configuration.blockShapes == half.bert.configuration.blockShapes)

    let input = try StoredModel(reading: fixture.model.folder)
    let sliced = try input.bert.slicing(input.values, to: masks.kept(of: input.bert.configuration))
    let kept = try result.tokenizer.wordPiece("The test").table.tokens.compactMap { input.tokenizer.id(of: $0) }
    let both = try BertCheckpoint(sliced.bert, values: sliced.values).keeping(words: kept)
    #expect(both.bert == result.bert)
    #expect(both.values[0..<both.values.count] == result.values[0..<result.values.count])
    let int8 = try await services.result(of: Quantize(services.input(words)))
    #expect(try InferenceModel(folder: int8.folder).logits(of: texts).count == texts.count)
  }

  /// Words before distillation: planning warns while the words are not known, and refuses once they are.
  @Test func wordsBeforeDistillationAreToldOf() async throws {
    let fixture = try await PruningFixture()
    let services = FakeServices()
    let model = try services.input(fixture.model)
    let task = try services.input(fixture.splits)
    let stage = PruneVocabulary(model, keeping: task)
    let planned = try services.input(Model<Classifier>(folder: "/none", facts: services.forecast(of: stage)))
    func forecast(_ student: Ref<Model<Classifier>>) throws -> Forecast {
      var facts: [Edge: Facts] = [:]
      for ref in [model, student] { facts[ref.edge] = try services.stored(ref.edge).facts }
      var forecast = Forecast(inputs: facts)
      _ = TaskDistill(model, into: student, on: task, length: 32).forecast(&forecast)
      return forecast
    }
    let before = try forecast(planned)
    #expect(before.faults.isEmpty && before.warnings.map(\.place.field) == ["student"])
    #expect(before.warnings.first?.remedy.contains("after distillation") == true)
    let after = try forecast(services.input(await services.result(of: stage)))
    #expect(after.faults.map(\.place.field) == ["student"] && after.warnings.isEmpty)
    #expect(after.faults.first?.remedy.contains("prune vocabularies afterwards") == true)
    #expect(try forecast(model).warnings.isEmpty)
  }
}
