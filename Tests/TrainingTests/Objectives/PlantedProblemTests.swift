import Models
import Tensors
import Testing

@testable import Training

/// A problem whose answer is planted: a linear teacher, many unlabelled points and few labels.
struct PlantedProblemTests {
  private static let (width, classes, points, labelled) = (12, 3, 2_000, 20)

  /// Softmax regression on points, trained by any objective.
  private struct LinearTask: TrainingTask {
    var layout: ParameterLayout
    var points: [[Float]]
    var labels: [Int32]
    var teacher: [Float]
    var objective: OutputObjective
    var exampleCount: Int { points.count }

    struct Shard: Sendable {
      var points: [Float]
      var targets: OutputTargets
      var counts: BatchCounts
    }

    func shards(of batch: Batch, count: Int) throws -> [Shard] {
      let counts = BatchCounts(examples: batch.examples.count, labelled: batch.examples.count { labels[$0] != -100 })
      return (0..<count).map { shard in
        let part = batch.examples.indices.filter { $0 * count / batch.examples.count == shard }.map {
          batch.examples[$0]
        }
        let width = teacher.count / max(1, points.count)
        return Shard(
          points: part.flatMap { points[$0] },
          targets: OutputTargets(
            labels: part.map { labels[$0] }, teacher: part.flatMap { teacher[$0 * width..<($0 + 1) * width] }),
          counts: counts)
      }
    }

    func addLosses(of shard: Shard, with model: ParameterBinding<Float>, in graph: Graph<Float>) throws {
      guard !shard.points.isEmpty else { return }
      let width = points[0].count
      let x = try graph.constant(shard.points, rows: shard.points.count / width, columns: width)
      let logits = try graph.linear(x, weight: graph.parameter("w", of: model), bias: nil)
      try objective.add(on: logits, targets: shard.targets, batch: shard.counts, in: graph)
    }
  }

  /// The share of points on which a student trained so agrees with the teacher.
  private func agreement(_ objective: OutputObjective, usesLabels: Bool, seed: UInt64) throws -> Double {
    var random = RandomStream(seed: seed, purpose: .generation)
    let teacher = (0..<Self.classes).map { _ in (0..<Self.width).map { _ in Float(random.normal()) } }
    let points = (0..<Self.points).map { _ in (0..<Self.width).map { _ in Float(random.normal()) } }
    func answers(_ weights: [[Float]]) -> [[Float]] {
      points.map { point in weights.map { row in zip(row, point).reduce(0) { $0 + $1.0 * $1.1 } } }
    }
    func best(_ row: [Float]) -> Int { row.indices.max { row[$0] < row[$1] } ?? 0 }
    let truth = answers(teacher)
    let used = usesLabels ? Self.labelled : Self.points
    var layout = ParameterLayout()
    try layout.append("w", [Self.classes, Self.width])
    let task = LinearTask(
      layout: layout, points: Array(points.prefix(used)),
      labels: truth.prefix(used).map { usesLabels ? Int32(best($0)) : -100 },
      teacher: truth.prefix(used).flatMap { $0 }, objective: objective)
    let steps = 400
    let perEpoch = (used + 63) / 64
    let trainer = try Trainer(
      task, values: FlatBuffer(count: layout.count),
      options: TrainingOptions(
        epochs: steps / perEpoch, batchSize: 64, optimiser: AdamW(learningRate: 0.05, weightDecay: 0)), seed: seed,
      team: ThreadTeam(1))
    try trainer.run()
    let values = try trainer.values
    let weights = (0..<Self.classes).map { Array(values[$0 * Self.width..<($0 + 1) * Self.width]) }
    let found = answers(weights)
    return Double(zip(found, truth).count { best($0) == best($1) }) / Double(Self.points)
  }

  @Test func theTeachersAnswersTeachMoreThanFewLabels() throws {
    func median(_ objective: OutputObjective, usesLabels: Bool) throws -> Double {
      try (1...5).map { try agreement(objective, usesLabels: usesLabels, seed: $0) }.sorted()[2]
    }
    let fromLabels = try median(.classification, usesLabels: true)
    let fromTeacher = try median(.hinton(temperature: 2, alpha: 1), usesLabels: false)
    #expect(fromTeacher >= fromLabels)
    #expect(fromTeacher > 0.95, "the teacher's own family can imitate it")
  }

  /// Renaming the classes, and the order of examples, change no loss.
  @Test func permutations() throws {
    let (student, teacher): ([Float], [Float]) = ([1, 0.5, -0.5, 0, 2, -1], [2, 0, -1, -1, 1, 0.5])
    func loss(_ student: [Float], _ teacher: [Float], _ labels: [Int32]) throws -> Double {
      let graph = try Graph<Float>()
      graph.begin(recording: true)
      let objective = OutputObjective(
        OutputObjective.hinton(temperature: 3, alpha: 0.6).terms + [.logitMSE(weight: 0.3)])
      try objective.add(
        on: graph.variable(student, rows: 2, columns: 3), targets: OutputTargets(labels: labels, teacher: teacher),
        batch: BatchCounts(examples: 2, labelled: 2), in: graph)
      return graph.loss
    }
    let whole = try loss(student, teacher, [0, 1])
    func renamed(_ values: [Float]) -> [Float] { [2, 0, 1, 5, 3, 4].map { values[$0] } }
    #expect(abs(try loss(renamed(student), renamed(teacher), [1, 2]) - whole) < 1e-6)
    func swapped(_ values: [Float]) -> [Float] { Array(values[3...] + values[..<3]) }
    #expect(abs(try loss(swapped(student), swapped(teacher), [1, 0]) - whole) < 1e-6)
  }

  /// MobileBERT's mixed target is the cross-entropy with the mixture, by linearity.
  @Test func mixedTarget() throws {
    let graph = try Graph<Double>()
    graph.begin(recording: false)
    let x: [Double] = [1, 0.5, -0.5, 0, 2, -1]
    let soft = try graph.divergence(
      .softCrossEntropy, graph.constant(x, rows: 2, columns: 3),
      teacher: graph.constant([2, 0, -1, -1, 1, 0.5], rows: 2, columns: 3), temperature: 1, scale: 0.5)
    let expected = 0.5 * soft + 0.5 * 0.3869883124
    let single = try Graph<Float>()
    single.begin(recording: false)
    try OutputObjective.mixedTarget().add(
      on: single.constant(x.map { Float($0) }, rows: 2, columns: 3),
      targets: OutputTargets(labels: [0, 1], teacher: [2, 0, -1, -1, 1, 0.5]),
      batch: BatchCounts(examples: 2, labelled: 2), in: single)
    #expect(abs(single.loss - expected) < 1e-6)
  }
}
