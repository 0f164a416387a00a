import Artifacts
import Declaring
import Models
import RetortTesting
import Testing
import Training

@testable import Stages

/// Every stored property of every stage counts for its key.
struct KeyTests {
  private let stubs = Stubs()

  @Test func imports() throws {
    let scratch = try Scratch()
    let (one, other) = (try scratch.file("a", "a"), try scratch.file("b", "b"))
    try expectKeyCoversEveryProperty(
      of: ImportText(one),
      changing: [
        "files": { $0.files = [one, other] }, "passages": { $0.passages = .paragraphs },
        "dropsRepeated": { $0.dropsRepeated = true }, "encoding": { $0.encoding = .latin1 },
        "limit": { $0.limit = 10 },
      ])
    try expectKeyCoversEveryProperty(
      of: ImportTaskData(one),
      changing: [
        "train": { $0.train = other }, "dev": { $0.dev = other }, "test": { $0.test = other },
        "format": { $0.format.group = "document" }, "split": { $0.split.dev = 0.2 }, "seed": { $0.seed = 5 },
      ])
    for change in Self.changes {
      try expectKeyCoversEveryProperty(
        of: ImportTaskData(one),
        changing: [
          "train": { $0.train = other }, "dev": { $0.dev = other }, "test": { $0.test = other },
          "format": { change(&$0.format) }, "split": { $0.split.dev = 0.2 }, "seed": { $0.seed = 5 },
        ])
    }
    let (first, second) = (try stubs.data(), try stubs.data())
    try expectKeyCoversEveryProperty(of: TaskText(first), changing: ["data": { $0.data = second }])
  }

  /// A change of every property of a format.
  private static let changes: [@Sendable (inout TaskFormat<Classification>) -> Void] = [
    { $0.syntax = .jsonLines }, { $0.syntax = .table(TableSyntax(isQuoted: true)) },
    { $0.syntax = .table(TableSyntax(delimiter: ";")) }, { $0.syntax = .table(TableSyntax(header: true)) },
    { $0.syntax = .table(TableSyntax(ragged: .skipped)) }, { $0.syntax = .labelledLines(upTo: nil) },
    { $0.syntax = .labelledLines(upTo: ":") }, { $0.syntax = .words(WordSyntax()) }, { $0.target = .tags(.iob1) },
    { $0.target = .value }, { $0.text = 1 }, { $0.text = .last }, { $0.pair = "b" }, { $0.label = "c" },
    { $0.labels = [.init("a")] }, { $0.range = 0...1 }, { $0.encoding = .latin1 },
    { $0.skipsEmptyTexts = true },
  ]

  @Test func samples() throws {
    try expectKeyCoversEveryProperty(
      of: SampleReviews(),
      changing: [
        "train": { $0.train = 7 }, "dev": { $0.dev = 7 }, "test": { $0.test = 7 }, "seed": { $0.seed = 7 },
      ])
    try expectKeyCoversEveryProperty(
      of: SampleSentences(),
      changing: [
        "count": { $0.count = 7 }, "train": { $0.train = 7 }, "dev": { $0.dev = 7 }, "test": { $0.test = 7 },
        "seed": { $0.seed = 7 },
      ])
  }

  @Test func vocabulary() throws {
    let (one, other) = (try stubs.corpus(), try stubs.corpus())
    try expectKeyCoversEveryProperty(
      of: TrainVocabulary(on: one),
      changing: [
        "corpora": { $0.corpora = [one, other] }, "kind": { $0.kind = .bytePairs }, "size": { $0.size = 99 },
        "minimumFrequency": { $0.minimumFrequency = 3 }, "lowercases": { $0.lowercases = false },
        "alphabet": { $0.alphabet = 50 }, "length": { $0.length = 64 },
      ])
  }

  @Test func pretrain() throws {
    let (corpus, other) = (try stubs.corpus(), try stubs.corpus())
    let model = try stubs.model(EncoderOnly.self)
    try expectKeyCoversEveryProperty(
      of: Pretrain(.bert(layers: 2, hidden: 64), vocabulary: stubs.vocabulary(), on: corpus),
      changing: [
        "start": { $0.start = .model(model) }, "corpus": { $0.corpus = other },
        "masking": { $0.masking.share = 0.2 }, "length": { $0.length = 32 },
        "training": { $0.training.shards = 4 }, "seed": { $0.seed = 3 },
      ])
  }

  @Test func fineTune() throws {
    let (base, other) = (try stubs.model(MaskedLM.self), try stubs.model(EncoderOnly.self))
    let data = try stubs.data()
    try expectKeyCoversEveryProperty(
      of: FineTune(base, on: stubs.task()),
      changing: [
        "base": { $0.base = other }, "train": { $0.train = data }, "dev": { $0.dev = data },
        "length": { $0.length = 32 }, "training": { $0.training.groups = [.frozen("bert.embeddings")] },
        "loss": { $0.loss = .pointwise() }, "metric": { $0.metric = .macroF1 },
        "holdout": { $0.holdout = .share(0.1) }, "seed": { $0.seed = 3 },
      ])
    // What is learnt is part of the key, though the properties are alike.
    let (first, second) = (try stubs.splits(Regression.self), try stubs.splits(Ranking.self))
    #expect(FineTune(base, on: first).loss == nil && FineTune<Ranking>.id == "tune.ranker")
    #expect(Set([FineTune<Regression>.id, FineTune<Tagging>.id, FineTune<Classification>.id]).count == 3)
    let losses: [RankingLoss] = [.pointwise(), .pointwise(positiveWeight: 2), .listwise(), .listwise(candidates: 4)]
    let keys = try losses.map {
      try RecipeTemplate(stage: "s", version: 1, options: FineTune(base, on: second, loss: $0), defaultSeed: 0)
    }
    #expect(Set(keys).count == 4)
    let options = try [AdamW(), AdamW(decaysAll: true)].map {
      try RecipeTemplate(stage: "s", version: 1, options: TrainingOptions(optimiser: $0), defaultSeed: 0)
    }
    #expect(Set(options).count == 2)
  }

  @Test func distill() throws {
    let (teacher, other) = (try stubs.model(Classifier.self), try stubs.model(Classifier.self))
    let data = try stubs.data()
    try expectKeyCoversEveryProperty(
      of: TaskDistill(teacher, into: .bert(layers: 2, hidden: 64), on: stubs.task()),
      changing: [
        "teacher": { $0.teacher = other }, "student": { $0.student = .blocks([0]) }, "train": { $0.train = data },
        "dev": { $0.dev = data }, "phases": { $0.phases[0].training.optimiser.learningRate = 1 },
        "metric": { $0.metric = .matthews }, "length": { $0.length = 32 }, "seed": { $0.seed = 3 },
      ])
    let base = try stubs.model(EncoderOnly.self)
    let (corpus, text) = (try stubs.corpus(), try stubs.corpus())
    try expectKeyCoversEveryProperty(
      of: PretrainDistill(base, into: .bert(layers: 2, hidden: 64), on: corpus, recipe: .tinyBERT()),
      changing: [
        "teacher": { $0.teacher = other.encoder }, "student": { $0.student = .thinned(layers: 1) },
        "corpus": { $0.corpus = text }, "phases": { $0.phases[0].matches[0].weight = 2 },
        "length": { $0.length = 32 }, "seed": { $0.seed = 3 },
      ])
    // Three ways to give a student are three keys.
    let students: [Student] = [.model(other.encoder), .model(teacher.encoder), .blocks([0, 1]), .blocks([1])]
    let keys = try students.map { student in
      try RecipeTemplate(
        stage: "s", version: 1, options: TaskDistill(teacher, into: student, on: Stubs().task()), defaultSeed: 0)
    }
    #expect(Set(keys.map(\.edges.count)) == [3, 4])
  }

  @Test func quantizeEvaluateCompareExport() throws {
    let (model, other) = (try stubs.model(Classifier.self), try stubs.model(Classifier.self))
    let (data, more) = (try stubs.data(), try stubs.data())
    try expectKeyCoversEveryProperty(
      of: Quantize(model),
      changing: ["model": { $0.model = other }, "method": { $0.method = .dynamicInt8(activations: .tensor) }])
    try expectKeyCoversEveryProperty(
      of: Evaluate(model, on: data),
      changing: [
        "model": { $0.model = other.encoder }, "data": { $0.data = more.examples },
        "reference": { $0.reference = other.encoder }, "form": { $0.form = .ranking },
        "metric": { $0.metric = .matthews }, "length": { $0.length = 32 },
      ])
    try expectKeyCoversEveryProperty(
      of: Benchmark(model, on: data),
      changing: [
        "model": { $0.model = other.encoder }, "data": { $0.data = more.examples }, "sentences": { $0.sentences = 9 },
        "batch": { $0.batch = 9 }, "rounds": { $0.rounds = 9 }, "length": { $0.length = 9 },
      ])
    try expectKeyCoversEveryProperty(
      of: Contrast(on: data, [], against: []),
      changing: [
        "evaluations": { $0.evaluations = [Ref(edge: Edge(node: 1, arena: 1))] },
        "references": { $0.references = [Ref(edge: Edge(node: 2, arena: 1))] },
      ])
    try expectKeyCoversEveryProperty(
      of: Best(of: [model], on: data),
      changing: [
        "models": { $0.models = [other] }, "figure": { $0.figure = .score(.matthews) }, "data": { $0.data = more },
        "constraints": { $0.constraints = [.score(.f1, atLeast: 0.5)] }, "length": { $0.length = 9 },
        "sentences": { $0.sentences = 9 }, "rounds": { $0.rounds = 9 },
        "names": { $0.names = Captions(of: [other, other]) },
      ], unkeyed: ["names"])
    let comparison = Compare(on: data) { model }
    let wider = Compare(on: data) {
      other
      model
    }
    try expectKeyCoversEveryProperty(
      of: comparison,
      changing: [
        "models": { $0.models = wider.models }, "evaluations": { $0.evaluations = [] },
        "timings": { $0.timings = [] },
      ])
    try expectKeyCoversEveryProperty(
      of: Export(model, to: "out"),
      changing: [
        "model": { $0.model = other }, "destination": { $0.destination = "elsewhere" },
        "forms": { $0.forms = [.huggingFace, .onnx] }, "onnx": { $0.onnx.opset = 20 },
        "card": { $0.card = ModelCard(evaluations: [Ref(edge: Edge(node: 1, arena: 1))]) },
      ], unkeyed: ["destination"])
    // What a card says changes no result.
    try expectKeyCoversEveryProperty(
      of: Export(model, to: "out"),
      changing: [
        "model": { $0.model = other }, "destination": { $0.destination = "elsewhere" },
        "forms": { $0.forms = [.huggingFace, .onnx] }, "onnx": { $0.onnx.opset = 20 },
        "card": { $0.card = ModelCard(license: "mit") },
      ], unkeyed: ["destination", "card"])
  }
}
