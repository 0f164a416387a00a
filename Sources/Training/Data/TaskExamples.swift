import Artifacts
import Models
import Tensors

/// The examples of a task of any form, encoded, with what a model should answer.
public struct TaskExamples: Sendable {
  public let form: TaskForm
  /// Names of the labels in order; empty for values and rankings.
  public let names: [String]
  public let texts: EncodedTexts
  /// A class a row of a model's outputs: a text, or a token of tagged words; −100 where there is none.
  public let labels: [Int32]
  /// A number a text: the value, or for a ranking 1 for a relevant candidate and 0 for another; empty for labels.
  public let values: [Float]
  /// The query of each text of a ranking; empty for others.
  public let queries: [String]
  /// For rankings of retrieved candidates: the grades of relevant passages that are no candidates, by query.
  public var missed: [String: [Double]] = [:]
  /// Examples that nobody labelled; for tags, words are counted as their sentences.
  public let unlabelled: Int
  private let truth: Truth

  private enum Truth: Sendable {
    case classes([Int])
    case values([Double])
    case words(places: [[Int?]], tags: [[Int]])
  }

  /// - Parameter length: longer texts are cut to this many tokens.
  /// - Throws: what encoding throws, such as `data.words` for an example that is none of this form.
  public init(
    _ examples: [LabelledExample], form: TaskForm, names: [String], by tokenizer: some Tokenizer, length: Int
  ) throws {
    (self.form, self.names) = (form, names)
    unlabelled = examples.count { $0.target == nil }
    switch form {
    case .classification:
      texts = try EncodedTexts(examples, by: tokenizer, longest: length)
      labels = examples.map(\.labelOrIgnored)
      (values, queries) = ([], [])
      truth = .classes(labels.map(Int.init))
    case .regression, .ranking:
      texts = try EncodedTexts(examples, by: tokenizer, longest: length)
      labels = []
      let targets = examples.map { $0.value ?? 0 }
      values = form == .ranking ? targets.map { $0 > 0 ? 1 : 0 } : targets.map { Float($0) }
      queries = form == .ranking ? examples.map { $0.group ?? $0.text } : []
      truth = .values(targets)
    case .tagging:
      let words = try TaggedWords(examples, by: tokenizer, longest: length)
      let texts = words.texts
      let tags = examples.map { example in
        if case .tags(let tags) = example.target { tags } else { [Int](repeating: -100, count: example.words.count) }
      }
      self.texts = texts
      labels = texts.ids.indices.flatMap { index in
        var row = [Int32](repeating: -100, count: texts.ids[index].count)
        for (place, tag) in zip(words.places[index], tags[index]) {
          if let place { row[place] = Int32(tag) }
        }
        return row
      }
      (values, queries) = ([], [])
      truth = .words(places: words.places, tags: tags)
    }
  }

  public var count: Int { texts.count }

  /// A model's outputs as answers, beside what is right. Words without a piece, or beyond the length, are answered as
  /// outside of all entities.
  ///
  /// - Parameter outputs: [rows, width]: a row a text, or for tags a row a token.
  public func predictions(from outputs: some RandomAccessCollection<Float>, width: Int) -> TaskPredictions {
    let outputs = Array(outputs)
    func row(_ index: Int) -> ArraySlice<Float> { outputs[index * width..<(index + 1) * width] }
    switch truth {
    case .classes(let labels):
      return TaskPredictions(.classes(logits: texts.ids.indices.map { Array(row($0)) }, labels: labels), labels: names)
    case .values(let targets):
      let answers = texts.ids.indices.map { Double(outputs[$0 * width]) }
      return TaskPredictions(
        form == .ranking
          ? .candidates(scores: answers, grades: targets, queries: queries)
          : .values(answers: answers, targets: targets), missed: missed)
    case .words(let places, let tags):
      let outside = names.firstIndex(of: "O") ?? 0
      var (answers, targets): ([[String]], [[String]]) = ([], [])
      var start = 0
      for (index, ids) in texts.ids.enumerated() {
        let known = tags[index].indices.filter { tags[index][$0] != -100 }
        targets.append(known.map { names[tags[index][$0]] })
        answers.append(
          known.map { word in
            names[places[index][word].map { TaskPredictions.largest(row(start + $0)) } ?? outside]
          })
        start += ids.count
      }
      return TaskPredictions(.tags(answers: answers, targets: targets), labels: names)
    }
  }
}

extension TaskExamples {
  /// What a trainer learns: outputs against what is right.
  public func task(for bert: Bert, objective: OutputObjective? = nil, teacher: [Float] = []) -> SequenceTask {
    SequenceTask(
      bert, texts: texts, labels: labels, values: values, teacher: teacher, objective: objective ?? form.objective)
  }

  /// What a trainer asks after each epoch: the score on these examples, larger for better; nil where there are none.
  public func score(
    by outputs: TextOutputs, metric: TaskMetric
  ) -> ((FlatBuffer<Float>) throws -> Double)? {
    guard texts.count > 0 else { return nil }
    return { values in
      let rows = try outputs.logits(of: texts, values: values)
      let found = predictions(from: rows, width: outputs.bert.head.outputs)
      let score = try TaskScores(found).value(of: metric)
      return metric.prefersLess ? -score : score
    }
  }
}
