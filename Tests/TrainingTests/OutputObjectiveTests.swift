import Tensors
import Testing

@testable import Training

/// Objectives against the table of the survey's fixture (double-precision arithmetic, worked out independently).
struct OutputObjectiveTests {
  private static let student: [Float] = [1, 0.5, -0.5, 0, 2, -1]
  private static let teacher: [Float] = [2, 0, -1, -1, 1, 0.5]
  private static let labels: [Int32] = [0, 1]

  private struct Outcome {
    var loss: Double
    var gradient: [Float]
  }

  /// Computes an objective over the fixture, cut into shards of these sizes.
  private func outcome(
    _ objective: OutputObjective, student: [Float] = student, teacher: [Float] = teacher, labels: [Int32] = labels,
    shards: [Int] = [2]
  ) throws -> Outcome {
    var outcome = Outcome(loss: 0, gradient: [])
    var start = 0
    for size in shards {
      let rows = start..<start + size
      let graph = try Graph<Float>()
      graph.begin(recording: true)
      graph.keepsGradients = true
      let part = rows.lowerBound * 3..<rows.upperBound * 3
      let logits = try graph.variable(Array(student[part]), rows: size, columns: 3)
      let targets = OutputTargets(
        labels: Array(labels[rows]), values: [], teacher: teacher.isEmpty ? [] : Array(teacher[part]))
      let counts = BatchCounts(examples: labels.count, labelled: labels.count { $0 != -100 })
      try objective.add(on: logits, targets: targets, batch: counts, in: graph)
      graph.backward()
      outcome.loss += graph.loss
      outcome.gradient += graph.gradient(of: logits) ?? [Float](repeating: 0, count: size * 3)
      start += size
    }
    return outcome
  }

  private func soft(
    _ temperature: Double, _ divergence: SoftTerm.Divergence, _ scaling: SoftTerm.Scaling,
    _ reduction: SoftTerm.Reduction = .batchMean
  ) -> OutputObjective {
    OutputObjective([
      .soft(
        SoftTerm(
          weight: 1, temperature: temperature, divergence: divergence, scaling: scaling, reduction: reduction))
    ])
  }

  @Test(arguments: [
    (1.0, 1.0470513829, 0.3490171276, 0.3426921786, 0.3426921786, 0.1142307262, 0.2629885340),
    (2.0, 1.0771839643, 0.3590613214, 0.1112082503, 0.4448330013, 0.1482776671, 0.0970038531),
    (4.0, 1.0925471167, 0.3641823722, 0.0294557539, 0.4712920625, 0.1570973542, 0.0275652518),
  ]) func table(
    temperature: Double, crossEntropy: Double, crossEntropyByElement: Double, divergence: Double, scaled: Double,
    scaledByElement: Double, reverse: Double
  ) throws {
    func close(_ objective: OutputObjective, _ expected: Double) throws {
      let loss = try outcome(objective).loss
      #expect(abs(loss - expected) <= 1e-6, "\(objective): \(loss), not \(expected)")
    }
    try close(soft(temperature, .softCrossEntropy, .none), crossEntropy)
    try close(soft(temperature, .softCrossEntropy, .none, .elementMean), crossEntropyByElement)
    try close(soft(temperature, .forwardKL, .none), divergence)
    try close(soft(temperature, .forwardKL, .squared), scaled)
    try close(soft(temperature, .forwardKL, .squared, .elementMean), scaledByElement)
    try close(soft(temperature, .reverseKL, .none), reverse)
  }

  @Test func hardAndLogitTerms() throws {
    #expect(abs(try outcome(.classification).loss - 0.3869883124) <= 1e-6)
    #expect(abs(try outcome(OutputObjective([.logitMSE(weight: 1)])).loss - 0.9583333333) <= 1e-6)
    #expect(abs(try outcome(OutputObjective([.logitMSE(weight: 1, temperature: 2)])).loss - 0.2395833333) <= 1e-6)
  }

  @Test func gradientOfTheSoftTerm() throws {
    let expected: [Float] = [
      -0.1843177401, 0.1147302972, 0.0695874428, 0.0598525695, 0.1626961519, -0.2225487214,
    ]
    let gradient = try outcome(soft(2, .forwardKL, .squared)).gradient
    for (actual, wanted) in zip(gradient, expected) { #expect(abs(actual - wanted) <= 1e-6) }
  }

  @Test func shardsAddUp() throws {
    let whole = try outcome(.hinton())
    let cut = try outcome(.hinton(), shards: [1, 1])
    #expect(abs(whole.loss - cut.loss) <= 1e-6)
    for (one, other) in zip(whole.gradient, cut.gradient) { #expect(abs(one - other) <= 1e-7) }
  }

  @Test func aStudentThatIsTheTeacherIsAtRest() throws {
    let outcome = try outcome(.hinton(temperature: 4, alpha: 1), teacher: Self.student)
    #expect(abs(outcome.loss) <= 1e-7)
    #expect(outcome.gradient.allSatisfy { abs($0) <= 1e-6 })
  }

  @Test func alphaChoosesWhoIsListenedTo() throws {
    // With alpha 0 the teacher need not exist; with 1 the labels need not.
    #expect(abs(try outcome(.hinton(alpha: 0), teacher: []).loss - 0.3869883124) <= 1e-6)
    let blind = try outcome(.hinton(alpha: 1), labels: [-100, -100]).loss
    #expect(abs(blind - 0.4712920625) <= 1e-6)
  }

  @Test func unlabelledExamplesAreNoDenominator() throws {
    // −log softmax([1, 0.5, −0.5])[0], alone.
    #expect(abs(try outcome(.classification, labels: [0, -100]).loss - 0.6041313) <= 1e-6)
    #expect(try outcome(.classification, labels: [-100, -100]).loss == 0)
  }
}
