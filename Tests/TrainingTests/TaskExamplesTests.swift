import Artifacts
import Models
import Tensors
import Testing

@testable import Training

/// Examples of all forms of tasks on their way into a model, and its outputs on their way back.
struct TaskExamplesTests {
  private static let words = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "an", "##na", "in", "rome", "city", "walks", "good", "##s",
  ]

  private func tokenizer() throws -> BertTokenizer { try BertTokenizer(table: TokenTable(Self.words)) }

  @Test func aWordIsAnsweredByItsFirstPiece() throws {
    let examples = [
      LabelledExample(words: ["Anna", "walks", "\u{200D}", "in", "Rome"], tags: [1, 0, 0, -100, 2]),
      LabelledExample(words: ["in", "xyz"], tags: nil),
    ]
    let names = ["O", "B-PER", "B-LOC"]
    let all = try TaskExamples(examples, form: .tagging, names: names, by: tokenizer(), length: 32)
    // [CLS] an ##na walks in rome [SEP]; the joiner alone has no piece.
    #expect(all.texts.ids == [[2, 5, 6, 10, 7, 8, 3], [2, 7, 1, 3]])
    #expect(all.labels == [-100, 1, -100, 0, -100, 2, -100] + [-100, -100, -100, -100])
    #expect(all.unlabelled == 1 && all.texts.truncated == 0)
    // Every row answers with another tag in turn.
    let outputs: [Float] = (0..<11).flatMap { row in (0..<3).map { $0 == row % 3 ? 1 : 0 } }
    let found = all.predictions(from: outputs, width: 3)
    #expect(
      found.rows
        == .tags(answers: [["B-PER", "O", "O", "B-LOC"], []], targets: [["B-PER", "O", "O", "B-LOC"], []]))
    // Cut after “##na”: what comes later is outside, whatever the model says.
    let short = try TaskExamples([examples[0]], form: .tagging, names: names, by: tokenizer(), length: 4)
    #expect(short.texts.ids == [[2, 5, 6, 3]] && short.texts.truncated == 1)
    let cut = short.predictions(from: [Float](repeating: 0, count: 8) + [0, 0, 1, 1], width: 3)
    #expect(cut.rows == .tags(answers: [["O", "O", "O", "O"]], targets: [["B-PER", "O", "O", "B-LOC"]]))
    #expect(throws: RetortError.self) {
      _ = try TaskExamples([LabelledExample("in rome")], form: .tagging, names: names, by: tokenizer(), length: 8)
    }
    #expect(throws: RetortError.self) {
      _ = try TaskExamples(examples, form: .tagging, names: names, by: tokenizer(), length: 2)
    }
  }

  @Test func valuesAndCandidates() throws {
    var candidate = LabelledExample("rome", pair: "in rome", target: .value(2))
    candidate.group = "q1"
    let other = LabelledExample("rome", pair: "walks", target: .value(0))
    let ranking = try TaskExamples([candidate, other], form: .ranking, names: [], by: tokenizer(), length: 8)
    #expect(ranking.values == [1, 0] && ranking.queries == ["q1", "rome"] && ranking.labels.isEmpty)
    #expect(ranking.texts.types?.first?.contains(1) == true)
    #expect(
      ranking.predictions(from: [0.5, -1], width: 1).rows
        == .candidates(scores: [0.5, -1], grades: [2, 0], queries: ["q1", "rome"]))
    let values = try TaskExamples(
      [LabelledExample("rome", target: .value(3.5))], form: .regression, names: [], by: tokenizer(), length: 8)
    #expect(values.values == [3.5])
    #expect(values.predictions(from: [3], width: 1).rows == .values(answers: [3], targets: [3.5]))
  }

  /// A batch's losses and gradients are the same however it is cut: the denominators are the whole batch's.
  @Test func shardsAddUp() throws {
    var random = RandomStream(seed: 4, purpose: .generation)
    let tagged = (0..<7).map { _ in
      let count = 1 + random.integer(below: 6)
      return LabelledExample(
        words: (0..<count).map { _ in ["anna", "walks", "rome", "in"][random.integer(below: 4)] },
        tags: (0..<count).map { _ in random.integer(below: 4) - 1 }.map { $0 < 0 ? -100 : $0 })
    }
    let ranked = (0..<9).map { index in
      var example = LabelledExample("rome", pair: index % 2 == 0 ? "in rome" : "walks good")
      example.group = "q\(index / 3)"
      example.target = .value(index % 3 == 1 ? 1 : 0)
      return example
    }
    var configuration = BertConfiguration(
      vocabularySize: Self.words.count, hiddenSize: 8, layerCount: 1, headCount: 2, intermediateSize: 12,
      maximumPositions: 32)
    configuration.initializerRange = 0.3
    // Dropout follows a row's place in the whole batch, which the cut may change.
    (configuration.hiddenDropout, configuration.attentionDropout) = (0, 0)
    func examples(_ list: [LabelledExample], _ form: TaskForm) throws -> TaskExamples {
      try TaskExamples(list, form: form, names: ["O", "B", "I"], by: tokenizer(), length: 32)
    }
    let tagger = try Bert(configuration, head: .tagger(labels: 3))
    let ranker = try Bert(configuration, head: .regression)
    try expectShardsAddUp(examples(tagged, .tagging).task(for: tagger), tagger)
    try expectShardsAddUp(examples(ranked, .ranking).task(for: ranker), ranker)
    try expectShardsAddUp(
      examples(ranked, .ranking).task(for: ranker, objective: .relevance(positiveWeight: 3)), ranker)
    try expectShardsAddUp(ListwiseTask(ranker, examples: examples(ranked, .ranking), candidates: 8, seed: 1), ranker)
  }

  private func expectShardsAddUp(_ task: some TrainingTask, _ bert: Bert) throws {
    let values = bert.initialValues(seed: 3, as: Float.self)
    func pass(_ count: Int) throws -> (loss: Double, gradients: [Float]) {
      let gradients = FlatBuffer<Float>(count: bert.layout.count)
      var loss = 0.0
      let batch = Batch(examples: Array(0..<task.exampleCount).reversed(), epoch: 0, step: 0)
      for shard in try task.shards(of: batch, count: count) {
        let graph = try Graph<Float>()
        graph.begin(recording: true, randomness: Randomness(seed: 1, step: 0))
        try task.addLosses(
          of: shard, with: ParameterBinding(bert.layout, values: values, gradients: gradients), in: graph)
        graph.backward()
        loss += graph.loss
      }
      return (loss, gradients[0..<gradients.count])
    }
    let whole = try pass(1)
    #expect(whole.loss > 0 && whole.gradients.contains { $0 != 0 })
    for count in [2, 3, 20] {
      let parts = try pass(count)
      #expect(abs(parts.loss - whole.loss) < 1e-5 * whole.loss)
      #expect(zip(parts.gradients, whole.gradients).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func listwiseDrawsOtherCandidatesEachEpoch() throws {
    let list = (0..<12).map { index in
      var example = LabelledExample("rome", pair: "good" + String(repeating: " walks", count: index))
      example.group = "q"
      example.target = .value(index == 4 ? 2 : 0)
      return example
    }
    let bert = try Bert(
      BertConfiguration(
        vocabularySize: Self.words.count, hiddenSize: 8, layerCount: 1, headCount: 2, intermediateSize: 12,
        maximumPositions: 32), head: .regression)
    let examples = try TaskExamples(list, form: .ranking, names: [], by: tokenizer(), length: 32)
    let task = try ListwiseTask(bert, examples: examples, candidates: 4, seed: 1)
    #expect(task.exampleCount == 1)
    func lengths(_ epoch: Int) throws -> [Int] {
      let shard = try task.shards(of: Batch(examples: [0], epoch: epoch, step: 0), count: 1)[0]
      return zip(shard.batch.offsets, shard.batch.offsets.dropFirst()).map { Int($1 - $0) }
    }
    let epochs = try (0..<6).map(lengths)
    #expect(epochs.allSatisfy { $0.count == 4 && $0.contains(4 + 1 + 4) })
    #expect(Set(epochs).count > 1)
    #expect(try lengths(2) == epochs[2])
    let alike = try TaskExamples(Array(list.prefix(3)), form: .ranking, names: [], by: tokenizer(), length: 32)
    let error = #expect(throws: RetortError.self) {
      _ = try ListwiseTask(bert, examples: alike, candidates: 4, seed: 1)
    }
    #expect(error?.code == "training.no-choice")
  }
}

/// Training rows that are held out.
struct HoldoutTests {
  private func rows(_ count: Int) -> [LabelledExample] {
    (0..<count).map { index in
      var row = LabelledExample("text \(index / 3)", target: .label(index / 3 % 4 == 0 ? 1 : 0))
      if index % 2 == 0 { row.text = "TEXT  \(index / 3)" }
      return row
    }
  }

  @Test func wholeGroupsOfEachLabel() throws {
    let rows = rows(240)
    for seed in 1...5 as ClosedRange<UInt64> {
      let held = try #require(Holdout.share(0.25).heldOut(of: rows, dev: 0, form: .classification, seed: seed))
      // Three rows a text, which differ in case and spacing alone.
      for start in stride(from: 0, to: 240, by: 3) { #expect(Set(held[start..<start + 3]).count == 1) }
      #expect(held.count { $0 } == 60)
      #expect(rows.indices.count { held[$0] && rows[$0].labelOrIgnored == 1 } == 15)
    }
    let one = Holdout.share(0.25).heldOut(of: rows, dev: 0, form: .classification, seed: 1)
    #expect(one == Holdout.share(0.25).heldOut(of: rows, dev: 0, form: .classification, seed: 1))
    #expect(one != Holdout.share(0.25).heldOut(of: rows, dev: 0, form: .classification, seed: 2))
  }

  @Test func queriesStayWhole() throws {
    let rows = (0..<60).map { LabelledExample("query \($0 / 6)", pair: "\($0)", target: .value(0)) }
    let held = try #require(Holdout.share(0.3).heldOut(of: rows, dev: 5, form: .ranking, seed: 1))
    for start in stride(from: 0, to: 60, by: 6) { #expect(Set(held[start..<start + 6]).count == 1) }
    #expect(held.count { $0 } == 18)
    let grouped = rows.map { row in
      var row = row
      row.group = "one"
      return row
    }
    // A group that is all there is stays to learn from.
    #expect(Holdout.share(0.3).heldOut(of: grouped, dev: 5, form: .ranking, seed: 1)?.contains(true) == false)
  }

  @Test func onlyWhereDevIsSmall() {
    let holdout = Holdout.share(0.25, devBelow: 100)
    #expect(holdout.heldOut(of: rows(30), dev: 100, form: .classification, seed: 1) == nil)
    #expect(holdout.heldOut(of: rows(30), dev: 99, form: .classification, seed: 1) != nil)
    #expect(Holdout.share(0).faults.count == 1 && Holdout.share(0.5, devBelow: 0).faults.count == 1)
    #expect(Holdout.share(.nan).faults.count == 1 && holdout.faults.isEmpty)
  }
}
