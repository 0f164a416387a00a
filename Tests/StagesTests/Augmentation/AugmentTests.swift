import Artifacts
import Declaring
import Models
import RetortTesting
import Tensors
import Testing
import Training

@testable import Stages

/// The stage `Augment`, with a small language model of its own.
struct AugmentTests {
  private static let tags = "film\tNOUN\nplot\tNOUN\nactor\tNOUN\ngood\tADJ\ndull\tADJ\n"

  private static func examples(isPaired: Bool = false) -> [LabelledExample] {
    let words = ["film", "good", "plot", "dull", "actor", "music", "slow"]
    return (0..<40).map { index in
      let text = (0..<(2 + index % 9)).map { words[(index + $0 * (1 + index / 7)) % words.count] }.joined(
        separator: " ")
      return LabelledExample(
        "the \(text) .", pair: isPaired ? "a \(words[index % 7])" : nil, target: .label(index % 2))
    }
  }

  private func data(_ services: FakeServices, _ examples: [LabelledExample] = examples()) throws -> Ref<
    TaskData<Classification>
  > {
    try services.input(
      TaskData(writing: examples, labels: ["bad", "good"], to: services.makeFolder("data")))
  }

  private func language(_ services: FakeServices, positions: Int = 32) throws -> Ref<Model<MaskedLM>> {
    let tokens = [
      "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "a", ".", "film", "good", "plot", "dull", "music",
    ]
    let tokenizer = try BertTokenizer(table: TokenTable(tokens + ["slow", "story", "act", "##or", "##s"]))
    let shape = BertShape.bert(layers: 1, hidden: 16, positions: positions)
    let bert = try Bert(shape.configuration(vocabulary: tokenizer.vocabularySize), head: .maskedLM)
    let folder = try services.makeFolder("language")
    let facts = try StoredModel(bert, values: bert.initialValues(seed: 3), tokenizer: tokenizer).write(to: folder)
    return try services.input(Model(folder: folder, facts: facts))
  }

  @Test func masksAndTags() async throws {
    let scratch = try Scratch()
    let services = FakeServices(threads: 2)
    let file = try scratch.file("tags.tsv", Self.tags)
    let originals = Self.examples()
    let recipe = DistilledBiLSTMRecipe.distilledBiLSTM(.referenceCode, partsOfSpeech: .table(file), masking: 0.2)
    let output = try await services.result(of: Augment(data(services, originals), recipe: recipe))
    let schema = try output.schema()
    #expect(schema.labels == ["bad", "good"] && !schema.isPaired && output.facts.labels == ["bad", "good"])
    let examples = try output.examples()
    #expect(examples.count == schema.examples && examples.count == output.facts.examples)
    #expect(examples.filter { originals.contains($0) } == originals)
    #expect(Set(examples.map(\.text)).count == examples.count - (originals.count - Set(originals.map(\.text)).count))
    let tags = ["film": 1, "plot": 1, "actor": 1, "good": 2, "dull": 2]
    var index = -1
    for example in examples {
      if originals.contains(example) {
        index += 1
        continue
      }
      let source = originals[index]
      #expect(example.target == source.target)
      let (words, before) = (example.text.split(separator: " "), source.text.split(separator: " "))
      #expect(words.count == before.count)
      for (word, other) in zip(words, before) where word != other && word != "[MASK]" {
        #expect(tags[String(word)] != nil && tags[String(word)] == tags[String(other)], "\(other) → \(word)")
      }
    }
    #expect(services.journal.metrics["examples"] == Double(examples.count))
    #expect(services.journal.metrics["new examples"] == Double(examples.count - originals.count))
    #expect(services.journal.progress.last?.done == 40 && services.journal.progress.last?.unit == "examples")
  }

  @Test func aLanguageModelAndVectors() async throws {
    let scratch = try Scratch()
    let services = FakeServices()
    let vectors = try scratch.file("vectors.txt", "actor 1 0\nstar 0.9 0.1\nfilm 0 1\nslow 1 1\n")
    let recipe = TinyBERTRecipe.tinyBERT(copies: 10, candidates: 3, probability: 0.5, vectors: vectors)
    let output = try await services.result(
      of: Augment(data(services), recipe: recipe, with: language(services), labels: .none))
    let examples = try output.examples()
    #expect(examples.count > 80)
    #expect(examples.contains { $0.text.contains("star") })
    #expect(examples.count { $0.target != nil } == 40)
    #expect(examples.allSatisfy { $0.text.hasPrefix("the ") && $0.text.hasSuffix(" .") })
  }

  @Test(arguments: [false, true]) func threadsDoNotChangeAByte(isPaired: Bool) async throws {
    let scratch = try Scratch()
    let file = try scratch.file("tags.tsv", Self.tags)
    let words = DistilledBiLSTMRecipe.distilledBiLSTM(partsOfSpeech: .table(file))
    func digests(threads: Int) async throws -> [Digest] {
      // Services of its own for each stage: a snapshot is one stage's.
      var services = FakeServices(threads: threads)
      let first = Augment(try data(services, Self.examples(isPaired: isPaired)), recipe: words)
      let one = try await services.result(of: first)
      let digest = Digest(of: try Files.read(one.folder.appending("examples.jsonl")))
      services = FakeServices(threads: threads)
      let second = Augment(
        try data(services, Self.examples(isPaired: isPaired)), recipe: .tinyBERT(copies: 5, candidates: 4),
        with: try language(services))
      let other = try await services.result(of: second)
      return [digest, Digest(of: try Files.read(other.folder.appending("examples.jsonl")))]
    }
    let alone = try await digests(threads: 1)
    #expect(try await digests(threads: 2) == alone)
    #expect(try await digests(threads: 3) == alone)
    #expect(alone[0] != alone[1])
  }

  @Test func aStopAfterAnyGroupDoesNotChangeAByte() async throws {
    let many = (0..<30).flatMap { round in
      Self.examples().map { LabelledExample("\($0.text) \(round)", target: $0.target) }
    }
    func stage(_ services: FakeServices) throws -> Augment<TaskData<Classification>> {
      Augment(try data(services, many), recipe: .distilledBiLSTM(copies: 2, samePart: 0))
    }
    let services = FakeServices()
    let whole = try files(of: await services.result(of: stage(services)).folder)
    #expect(services.journal.snapshots.count >= 3)
    for limit in 1..<3 {
      let stopping = FakeServices(checkpointLimit: limit)
      let stopped = try stage(stopping)
      await #expect(throws: CancellationError.self) { _ = try await stopping.result(of: stopped) }
      let going = FakeServices(threads: 2)
      going.restore(from: try #require(stopping.journal.snapshots.last))
      #expect(try files(of: await going.result(of: stage(going)).folder) == whole)
      #expect(going.journal.log.first?.hasPrefix("going on after example") == true)
    }
  }

  /// Of a task's splits the training part is augmented, as it would be alone, and the others are the input's own.
  @Test func splits() async throws {
    let services = FakeServices()
    let parts = try (0..<3).map { part in
      try services.stored(data(services, Array(Self.examples().suffix(40 - 10 * part))).edge)
    }
    let splits = try TaskSplits<Classification>(
      train: TaskData(parts[0]), dev: TaskData(parts[1]), test: TaskData(parts[2]))
    let task = try services.input(splits)
    let stage = Augment(task, recipe: .distilledBiLSTM(.paper, samePart: 0))
    let output = try await services.result(of: stage)
    #expect(output.dev.folder == splits.dev.folder && output.test.folder == splits.test.folder)
    let alone = try await services.result(of: Augment(task.train, recipe: .distilledBiLSTM(.paper, samePart: 0)))
    #expect(try files(of: output.train.folder) == files(of: alone.folder))
    #expect(output.train.facts.examples ?? 0 > 40)
    #expect(services.journal.substages == ["augment.classification"])
    #expect(Augment<TaskSplits<Classification>>.id != Augment<TaskData<Classification>>.id)
    // What planning knows: labels and the other parts stay, the number of examples is open.
    let known = services.forecast(of: stage)
    #expect(known.port("train").labels == ["bad", "good"] && known.port("train").examples == nil)
    #expect(known.port("dev").examples == 30 && known.port("test").examples == 20)
    let part = services.forecast(of: Augment(task.train, recipe: .distilledBiLSTM(samePart: 0)))
    #expect(part.labels == ["bad", "good"] && part.examples == nil && part.isPaired == false)
  }

  @Test func numbersAreKept() async throws {
    let services = FakeServices()
    let data = try services.input(
      TaskData<Regression>(
        writing: [LabelledExample("a good film", pair: "a fine film", target: .value(3.5))], labels: [],
        to: services.makeFolder("data")))
    let output = try await services.result(of: Augment(data, recipe: .distilledBiLSTM(masking: 0.4, samePart: 0)))
    let examples = try output.examples()
    #expect(examples.count > 3 && examples.allSatisfy { $0.value == 3.5 && $0.pair != nil })
    #expect(Augment<TaskData<Regression>>.id == "augment.regression")
  }

  @Test func longTextsAreRecorded() async throws {
    let services = FakeServices()
    let text = [String](repeating: "film", count: 20).joined(separator: " ")
    let stage = Augment(
      try data(services, [LabelledExample(text, target: .label(0)), LabelledExample("slow plot", target: .label(1))]),
      recipe: .tinyBERT(copies: 2, candidates: 3), with: try language(services))
    _ = try await services.result(of: stage)
    #expect(services.journal.metrics["cut masked texts"] == 20)
    #expect(services.journal.log.count == 1)
  }

  @Test func badFilesAreNamed() async throws {
    let scratch = try Scratch()
    let services = FakeServices()
    let tags = try scratch.file("tags.conllu", "1\tfilm\n")
    let words = Augment(try data(services), recipe: .distilledBiLSTM(partsOfSpeech: .conllu(tags)))
    let first = await #expect(throws: RetortError.self) { _ = try await services.result(of: words) }
    #expect(first?.code == "data.conllu" && first?.place == Place(file: tags.path.string, line: 1))
    let vectors = try scratch.file("vectors.txt", "film 1 x\n")
    let stage = Augment(try data(services), recipe: .tinyBERT(vectors: vectors), with: try language(services))
    let second = await #expect(throws: RetortError.self) { _ = try await services.result(of: stage) }
    #expect(second?.code == "data.vectors" && second?.place == Place(file: vectors.path.string, line: 1))
  }

  // MARK: Planning

  @Test func keys() throws {
    let stubs = Stubs()
    let (data, other) = (try stubs.data(), try stubs.data())
    let (task, otherTask) = (try stubs.task(), try stubs.task())
    let (model, another) = (try stubs.model(MaskedLM.self), try stubs.model(MaskedLM.self))
    let words = DistilledBiLSTMRecipe.distilledBiLSTM(samePart: 0)
    try expectKeyCoversEveryProperty(
      of: Augment(data, recipe: .tinyBERT(), with: model),
      changing: [
        "data": { $0.data = other }, "technique": { $0.technique = .distilledBiLSTM(words) },
        "labels": { $0.labels = .none }, "seed": { $0.seed = 3 },
      ])
    try expectKeyCoversEveryProperty(
      of: Augment(task, recipe: words),
      changing: [
        "data": { $0.data = otherTask }, "technique": { $0.technique = .tinyBERT(.tinyBERT(), language: model) },
        "labels": { $0.labels = .none }, "seed": { $0.seed = 3 },
      ])
    // Every value of a recipe counts.
    let scratch = try Scratch()
    let (file, more) = (try scratch.file("a", "a"), try scratch.file("b", "b"))
    let recipes: [TinyBERTRecipe] = [
      .tinyBERT(), .tinyBERT(copies: 3), .tinyBERT(candidates: 3), .tinyBERT(probability: 0.3),
      .tinyBERT(context: .alone), .tinyBERT(stopWords: []), .tinyBERT(stopWords: ["a"]), .tinyBERT(vectors: file),
    ]
    let rules: [DistilledBiLSTMRecipe] = [
      .distilledBiLSTM(), .distilledBiLSTM(.referenceCode), .distilledBiLSTM(copies: 3), .distilledBiLSTM(masking: 0.3),
      .distilledBiLSTM(samePart: 0.3), .distilledBiLSTM(partsOfSpeech: .conllu(file)),
      .distilledBiLSTM(partsOfSpeech: .conllu(file, tags: .treebank)), .distilledBiLSTM(partsOfSpeech: .table(file)),
      DistilledBiLSTMRecipe(DistilledBiLSTMRules(longestNGram: 4)),
      DistilledBiLSTMRecipe(DistilledBiLSTMRules(maskToken: "<m>")),
    ]
    func template(_ stage: Augment<TaskData<Classification>>) throws -> RecipeTemplate {
      try RecipeTemplate(stage: "s", version: 1, options: stage, defaultSeed: 0)
    }
    var templates = try recipes.map { try template(Augment(data, recipe: $0, with: model)) }
    templates += try rules.map { try template(Augment(data, recipe: $0)) }
    templates.append(try template(Augment(data, recipe: .tinyBERT(), with: another)))
    templates.append(try template(Augment(data, recipe: .tinyBERT(vectors: more), with: model)))
    #expect(Set(templates).count == recipes.count + rules.count + 2)
    #expect(templates[7].sources.map(\.path) == [file.path])
  }

  @Test func faults() throws {
    let stubs = Stubs()
    let data = try stubs.data()
    func fields(_ stage: some Stage) -> [String?] {
      let faults = stubs.services.faults(of: stage)
      #expect(faults.allSatisfy { !$0.remedy.isEmpty })
      return faults.map(\.place.field)
    }
    #expect(fields(Augment(data, recipe: .distilledBiLSTM(samePart: 0))) == [])
    #expect(fields(Augment(data, recipe: .distilledBiLSTM(partsOfSpeech: .table("tags.tsv")))) == [])
    #expect(fields(Augment(data, recipe: .distilledBiLSTM())) == ["recipe.partsOfSpeech"])
    #expect(
      fields(Augment(data, recipe: .distilledBiLSTM(copies: 0, masking: 2, samePart: -1)))
        == ["recipe.copies", "recipe.maskProbability", "recipe.samePartProbability", "recipe.partsOfSpeech"])
    let small = try stubs.model(
      MaskedLM.self,
      facts {
        $0.vocabulary = 10
        $0.positions = 4
      })
    #expect(fields(Augment(data, recipe: .tinyBERT(candidates: 10), with: small)) == ["language"])
    #expect(
      fields(Augment(data, recipe: .tinyBERT(copies: -1, candidates: 11, probability: 7), with: small))
        == ["recipe.copies", "recipe.probability", "recipe.candidates", "language"])
    #expect(fields(Augment(data, recipe: .tinyBERT(), with: try stubs.model(MaskedLM.self))) == [])
  }
}
