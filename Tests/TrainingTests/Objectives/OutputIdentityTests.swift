import Foundation
import Models
import Tensors
import Testing

@testable import Training

/// What the literature's formulas say of one another, in double precision.
struct OutputIdentityTests {
  private static let student = [1, 0.5, -0.5, 0, 2, -1.0]
  private static let teacher = [2, 0, -1.0, -1, 1, 0.5]

  private func loss(
    _ kind: Graph<Double>.Divergence, _ student: [Double], _ teacher: [Double], classes: Int, temperature: Double,
    scale: Double
  ) throws -> (value: Double, gradient: [Double]) {
    let graph = try Graph<Double>()
    graph.begin(recording: true)
    let rows = student.count / classes
    let x = try graph.variable(student, rows: rows, columns: classes)
    let value = try graph.divergence(
      kind, x, teacher: graph.constant(teacher, rows: rows, columns: classes), temperature: temperature, scale: scale)
    return (value, graph.gradient(of: x) ?? [])
  }

  private func softmax(_ logits: ArraySlice<Double>, _ temperature: Double) -> [Double] {
    let powers = logits.map { exp($0 / temperature) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  /// CE − KL is the teacher's entropy, which the student cannot change.
  @Test(arguments: [1.0, 2, 4]) func crossEntropyLessDivergenceIsEntropy(temperature: Double) throws {
    let cross = try loss(
      .softCrossEntropy, Self.student, Self.teacher, classes: 3, temperature: temperature, scale: 0.5)
    let divergence = try loss(
      .forwardKL, Self.student, Self.teacher, classes: 3, temperature: temperature, scale: 0.5)
    let entropies = [Self.teacher[..<3], Self.teacher[3...]].map { row in
      softmax(row, temperature).reduce(0) { $0 - $1 * log($1) }
    }
    #expect(abs(cross.value - divergence.value - (entropies[0] + entropies[1]) / 2) < 1e-12)
    for (one, other) in zip(cross.gradient, divergence.gradient) { #expect(abs(one - other) < 1e-12) }
  }

  /// For two classes KL is that of two Bernoulli variables with σ(Δ / T).
  @Test(arguments: [1.0, 3]) func twoClasses(temperature: Double) throws {
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let (student, teacher) = ([0.3, -0.8], [-0.4, 1.1])
    let (p, q) = (sigmoid((teacher[1] - teacher[0]) / temperature), sigmoid((student[1] - student[0]) / temperature))
    let expected = p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))
    let found = try loss(.forwardKL, student, teacher, classes: 2, temperature: temperature, scale: 1)
    #expect(abs(found.value - expected) < 1e-12)
  }

  /// T² keeps the gradient's size as T grows.
  @Test func theGradientDoesNotShrinkWithTheTemperature() throws {
    func norm(_ temperature: Double) throws -> Double {
      try loss(
        .forwardKL, Self.student, Self.teacher, classes: 3, temperature: temperature, scale: temperature * temperature
      ).gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    #expect(abs(try norm(50) / norm(500) - 1) < 0.05)
  }

  /// A projection that changes nothing is as none.
  @Test func anIdentityProjectionIsNone() throws {
    let bert = try TinyTask.bert(head: .encoder, dropout: 0)
    let (texts, _) = TinyTask.texts(4)
    let (teacher, student) = (bert.initialValues(seed: 1), bert.initialValues(seed: 2))
    func value(_ projection: ProjectionUse) throws -> Double {
      let matching = try Matching(
        teacher: bert, values: teacher, student: bert,
        matches: [Match(.hiddenStates, projection: projection), Match(.embeddings, projection: projection)],
        projections: [Projection("same")])
      let values = matching.initialValues(student, seed: 3)
      for entry in matching.layout.entries where entry.name.hasPrefix(Projection.prefix) {
        let width = entry.shape[0]
        let isMatrix = entry.shape.count == 2
        values.write((0..<entry.count).map { isMatrix && $0 / width == $0 % width ? 1 : 0 }, at: entry.offset)
      }
      let task = SequenceTask(bert, texts: texts, objective: OutputObjective([]), matching: matching)
      let graph = try Graph<Float>()
      graph.begin(recording: false)
      for shard in try task.shards(of: Batch(examples: [0, 1, 2, 3], epoch: 0, step: 0), count: 1) {
        try task.addLosses(of: shard, with: ParameterBinding(task.layout, values: values), in: graph)
      }
      return graph.loss
    }
    let plain = try value(.none)
    #expect(plain > 0)
    #expect(abs(try value(.shared("same")) - plain) < 1e-6 * plain)
    #expect(abs(try value(.perLayer("same")) - plain) < 1e-6 * plain)
  }
}
