import Models
import Retort
import Tensors
import Training

/// A model that answers texts with labels, numbers or tags.
struct Predictor {
  private let model: InferenceModel
  private let tokenizer: any Tokenizer
  private let team: ThreadTeam
  private let longest: Int

  init(folder: FilePath, longest: Int?) throws {
    model = try InferenceModel(folder: folder)
    tokenizer = try ModelFolder.tokenizer(of: folder, for: model.configuration)
    team = ThreadTeam(Machine.cores)
    self.longest = min(longest ?? .max, model.configuration.longestInput)
    switch model.head {
    case .classifier, .regression, .tagger: break
    case .encoder, .maskedLM:
      throw RetortError(
        "predict.head", "The model has no head that answers texts: it is \(Self.words(for: model.head)).",
        remedy: "Fine-tune it first.", at: Place(file: folder.appending("config.json").string))
    }
  }

  private static func words(for head: BertHead) -> String {
    head == .maskedLM ? "a masked language model" : "an encoder"
  }

  /// Whether it gives a tag for each word.
  var tagsWords: Bool { model.head.answersTokens }

  func answers(to questions: [Question]) throws -> [Answer] {
    if tagsWords { return try tags(of: questions) }
    var texts: [LabelledExample] = []
    for question in questions { texts.append(LabelledExample(question.text, pair: question.pair)) }
    let encoded = try EncodedTexts(texts, by: tokenizer, longest: longest)
    let rows = try model.logits(encoded.packed(encoded.ids.indices), on: team)
    return zip(questions, rows).map { question, row in
      guard case .classifier = model.head else {
        return Answer(question, value: row.first.map(Double.init), logits: row)
      }
      let labels = model.labels.count == row.count ? model.labels : row.indices.map { "LABEL_\($0)" }
      return Answer(question, scores: Array(zip(labels, Metrics.softmax(row))), logits: row)
    }
  }

  /// Words are what stands between spaces; one without a piece, or beyond the length, is outside.
  private func tags(of questions: [Question]) throws -> [Answer] {
    let examples = questions.map { LabelledExample(words: $0.words, tags: nil) }
    let encoded = try TaggedWords(examples, by: tokenizer, longest: longest)
    let rows = try model.tokenLogits(encoded.texts.packed(encoded.texts.ids.indices), on: team)
    let labels = model.labels
    let outside = labels.firstIndex(of: "O") ?? 0
    var start = 0
    return questions.indices.map { index in
      let tags = encoded.places[index].map { place in
        labels[place.map { TaskPredictions.largest(rows[start + $0]) } ?? outside]
      }
      start += encoded.texts.ids[index].count
      return Answer(questions[index], tags: tags)
    }
  }
}

/// What a model is asked.
struct Question {
  var text: String
  var pair: String?

  /// - Parameter isPaired: nil takes a text with a tab for a pair.
  /// - Throws: `predict.pair` for a text that is no pair where pairs are asked for.
  init(_ line: String, isPaired: Bool, at place: Place = Place()) throws {
    let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard isPaired else {
      text = line
      return
    }
    guard parts.count == 2 else {
      throw RetortError(
        "predict.pair", "“\(line)” is no pair of texts: there is no tab in it.",
        remedy: "Put a tab between the two texts.", at: place)
    }
    (text, pair) = (parts[0], parts[1])
  }

  init(_ text: String, _ pair: String) { (self.text, self.pair) = (text, pair) }

  var words: [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }

  /// As it is shown beside an answer.
  var shown: String { ([text] + (pair.map { [$0] } ?? [])).joined(separator: " ⇥ ").replacing("\t", with: " ⇥ ") }
}

/// What the model says of one text.
struct Answer {
  var question: Question
  /// Classes with their probabilities, in the model's order; empty for a number or tags.
  var scores: [(label: String, probability: Double)] = []
  var value: Double?
  /// A tag a word.
  var tags: [String] = []
  /// What the head gave, before any softmax; empty for tags.
  var logits: [Float] = []

  init(
    _ question: Question, scores: [(label: String, probability: Double)] = [], value: Double? = nil,
    tags: [String] = [], logits: [Float] = []
  ) {
    (self.question, self.scores, self.value, self.tags, self.logits) = (question, scores, value, tags, logits)
  }

  var best: (label: String, probability: Double)? { scores.max { $0.probability < $1.probability } }

  /// Label, probability and text, or the number and the text, with tabs between them; for tags a word and its tag a line,
  /// and a blank line at the end.
  var line: String {
    if logits.isEmpty { return zip(question.words, tags).map { "\($0)\t\($1)\n" }.joined() }
    if let value { return "\(Figures.fixed(value, 4))\t\(question.shown)" }
    return "\(best?.label ?? "")\t\(Figures.fixed(best?.probability ?? 0, 4))\t\(question.shown)"
  }

  var json: JSONLine {
    guard !logits.isEmpty else {
      return .fields([
        "words": .array(question.words.map { .string($0) }), "tags": .array(tags.map { .string($0) }),
        "entities": .array(
          Metrics.entities(of: tags).map { entity in
            .fields([
              "type": .string(entity.type), "first": .integer(entity.words.lowerBound),
              "last": .integer(entity.words.upperBound - 1),
              "text": .string(question.words[entity.words].joined(separator: " ")),
            ])
          }),
      ])
    }
    return .fields([
      "text": .string(question.text), "pair": question.pair.map { .string($0) },
      "label": best.map { .string($0.label) }, "probability": best.map { .number($0.probability) },
      "value": value.map { .number($0) },
      "scores": scores.isEmpty ? nil : .object(scores.map { .init($0.label, .number($0.probability)) }),
      "logits": .array(logits.map { .number(Double($0)) }),
    ])
  }
}
