import Models
import RetortTesting
import Tensors
import Testing

@testable import Training

/// Scores, cuts and outputs against PyTorch: `Tests/Goldens/pruning.py` says what is cut how.
struct PruningGoldenTests {
  private let tiny: PruningCase
  private static let tolerance = 1e-5

  init() throws { tiny = try PruningCase() }

  /// The scores of one pass over all examples.
  private func scores(
    _ objective: OutputObjective, teacher: [Float] = [], values: FlatBuffer<Float>? = nil, countsIncoming: Bool = true,
    threads: Int = 2
  ) throws -> UnitScores {
    let task = SequenceTask(
      tiny.bert, texts: tiny.examples.texts, labels: tiny.examples.labels, teacher: teacher, objective: objective)
    var sum = UnitScores(zerosFor: tiny.bert.configuration)
    try UnitScoring(tiny.bert, countsIncoming: countsIncoming, team: ThreadTeam(threads)).add(
      [0..<4, 4..<8, 8..<10], of: task, values: values ?? tiny.values, to: &sum)
    return sum.divided(by: 10)
  }

  private var frozen: OutputObjective {
    OutputObjective([.soft(SoftTerm(weight: 1, temperature: 1, divergence: .softCrossEntropy, scaling: .none))])
  }

  @Test func scoresByLabels() throws {
    let both = try scores(.classification)
    #expect(relativeDifference(both.heads.flatMap { $0 }, try tiny.golden.floats("scores.heads")) <= Self.tolerance)
    #expect(
      relativeDifference(both.neurons.flatMap { $0 }, try tiny.golden.floats("scores.neurons.both")) <= Self.tolerance)
    let outgoing = try scores(.classification, countsIncoming: false)
    #expect(
      relativeDifference(outgoing.neurons.flatMap { $0 }, try tiny.golden.floats("scores.neurons.outgoing"))
        <= Self.tolerance)
    #expect(both.heads == outgoing.heads)
  }

  @Test func scoresByLogits() throws {
    let kept = try #require(tiny.kept("masked.kept").first)
    let masked = tiny.values.copy()
    try tiny.bert.mask(masked, to: kept)
    #expect(
      relativeDifference(try tiny.logits(of: tiny.bert, masked), try tiny.golden.floats("masked.logits"))
        <= Self.tolerance)
    let (small, sliced) = try tiny.bert.slicing(tiny.values, to: kept)
    #expect(
      relativeDifference(try tiny.logits(of: small, sliced), try tiny.golden.floats("masked.logits")) <= Self.tolerance)
    let logits = try tiny.logits(of: tiny.bert, tiny.values)
    #expect(relativeDifference(logits, try tiny.golden.floats("logits")) <= Self.tolerance)
    let found = try scores(frozen, teacher: logits, values: masked)
    #expect(
      relativeDifference(found.heads.flatMap { $0 }, try tiny.golden.floats("masked.scores.heads")) <= Self.tolerance)
    #expect(
      relativeDifference(found.neurons.flatMap { $0 }, try tiny.golden.floats("masked.scores.neurons"))
        <= Self.tolerance)
    for (block, units) in kept.blocks.enumerated() {
      for head in 0..<3 where !units.heads.contains(head) { #expect(found.heads[block][head] == 0) }
      for neuron in 0..<8 where !units.neurons.contains(neuron) { #expect(found.neurons[block][neuron] == 0) }
    }
    // Against itself the unpruned model has no gradient: why the first pass scores otherwise.
    let itself = try scores(frozen, teacher: logits)
    #expect((itself.heads + itself.neurons).flatMap { $0 }.allSatisfy { $0 < 1e-6 })
  }

  static let cuts: [(name: String, options: PruningOptions)] = [
    ("even", PruningOptions([.heads(keeping: 1), .ffn(keeping: 5)], iterations: 2, batchSize: 4)),
    (
      "uneven",
      PruningOptions(
        [.heads(keeping: 1), .ffn(keeping: 4)], iterations: 3, distribution: .uneven, multipleOf: 2, batchSize: 4)
    ),
    (
      "headFirst",
      PruningOptions(
        [.heads(keeping: 2), .ffn(keeping: 3)], iterations: 2, order: .headFirst, loss: .logits, batchSize: 4)
    ),
    (
      "ffnFirst",
      PruningOptions(
        [.heads(keeping: 2), .ffn(keeping: 6)], iterations: 1, distribution: .uneven, order: .ffnFirst, batchSize: 4)
    ),
  ]

  @Test(arguments: cuts) func cutByCut(name: String, options: PruningOptions) throws {
    let pruner = try tiny.pruner(options)
    let expected = try tiny.kept(name)
    #expect(pruner.steps == expected.count)
    var found: [KeptUnits] = []
    try pruner.run { progress in
      if progress.step > found.count { found.append(pruner.kept) }
      #expect(progress.heads == pruner.kept.count(of: .heads) && progress.totalExamples == 10 * pruner.steps)
    }
    #expect(found == expected)
    let (bert, values) = try tiny.bert.slicing(tiny.values, to: pruner.kept)
    #expect(
      relativeDifference(try tiny.logits(of: bert, values), try tiny.golden.floats("\(name).logits"))
        <= Self.tolerance)
  }

  /// The golden of the uneven cut keeps a block's last head, and with it one more than asked for.
  @Test func theExcessIsTold() throws {
    let pruner = try tiny.pruner(Self.cuts[1].options)
    try pruner.run()
    #expect(pruner.kept.blocks.map(\.heads.count) == [1, 2, 1])
    #expect(pruner.excess(of: .heads) == 1 && pruner.excess(of: .neurons) == 0)
    #expect(pruner.kept.blocks.allSatisfy { $0.neurons.count % 2 == 0 })
  }

  /// A head's score is the derivative of the loss by a gate on its output: central differences in double precision.
  @Test func aScoreIsTheGatesDerivative() throws {
    let task = SequenceTask(
      tiny.bert, texts: tiny.examples.texts, labels: tiny.examples.labels, objective: .classification)
    var sum = UnitScores(zerosFor: tiny.bert.configuration)
    try UnitScoring(tiny.bert, countsIncoming: false, team: ThreadTeam(1)).add(
      [0..<10], of: task, values: tiny.values, to: &sum)
    let batch = try tiny.examples.texts.packed(0..<10)
    let graph = try Graph<Double>()
    func loss(_ name: String, columns: Range<Int>, gate: Double) throws -> Double {
      let values = FlatBuffer<Double>(tiny.values[0..<tiny.values.count].map(Double.init))
      let entry = try tiny.bert.layout.entry(name)
      for row in 0..<entry.shape[0] {
        for column in columns { values.pointer[entry.offset + row * entry.shape[1] + column] *= gate }
      }
      graph.begin(recording: false)
      let binding = ParameterBinding(tiny.bert.layout, values: values)
      let states = try tiny.bert.encode(batch, with: binding, in: graph)
      let logits = try tiny.bert.logits(states, of: batch, with: binding, in: graph)
      return try graph.crossEntropy(logits, labels: tiny.examples.labels, scale: 1 / 10)
    }
    func derivative(_ name: String, _ columns: Range<Int>) throws -> Double {
      let step = 1e-5
      return try (loss(name, columns: columns, gate: 1 + step) - loss(name, columns: columns, gate: 1 - step))
        / (2 * step)
    }
    for block in 0..<3 {
      let name = "bert.encoder.layer.\(block)"
      for head in 0..<3 {
        let expected = abs(try derivative("\(name).attention.output.dense.weight", head * 4..<head * 4 + 4))
        #expect(abs(sum.heads[block][head] - expected) <= 1e-5)
      }
      for neuron in [0, 5] {
        let expected = abs(try derivative("\(name).output.dense.weight", neuron..<neuron + 1))
        #expect(abs(sum.neurons[block][neuron] - expected) <= 1e-5)
      }
    }
  }

  @Test func aHeadThatNothingReadsScoresZero() throws {
    let entry = try tiny.bert.layout.entry("bert.encoder.layer.1.attention.output.dense.weight")
    let values = tiny.values.copy()
    for row in 0..<12 { for column in 4..<8 { values.pointer[entry.offset + row * 12 + column] = 0 } }
    let found = try scores(.classification, values: values)
    #expect(found.heads[1][1] == 0)
    #expect(found.heads.flatMap { $0 }.count { $0 == 0 } == 1)
  }
}
