import Artifacts
import Models
import RetortTesting
import Tensors
import Testing

@testable import Training

/// The losses' worked examples and invariances, by hand.
struct MatchCheckTests {
  /// The loss of one match between [tokens, width] states (or scores) of texts with these lengths.
  private func loss(
    _ match: Match, _ student: [Float], _ teacher: [Float], lengths: [Int], heads: Int = 1, width: Int? = nil
  ) throws -> Double {
    let graph = try Graph<Float>()
    graph.begin(recording: true)
    let batch = try PackedBatch(lengths.map { [Int32](repeating: 1, count: $0) })
    let nothing = try graph.constant([], rows: 0, columns: 1)
    func states(_ values: [Float], isConstant: Bool) throws -> BertStates<Float> {
      let rows = match.feature == .attentionScores ? 1 : lengths.reduce(0, +)
      let columns = values.count / rows
      let tensor =
        isConstant
        ? try graph.constant(values, rows: rows, columns: columns)
        : try graph.variable(values, rows: rows, columns: columns)
      return BertStates(
        hidden: [nothing, tensor],
        attentions: [AttentionResult(context: nothing, probabilities: nothing, scores: tensor, heads: heads)],
        projections: [tensor])
    }
    let comparison = Comparison(
      match: match, student: try states(student, isConstant: false), teacher: try states(teacher, isConstant: true),
      batch: batch, lengths: BatchLengths(batch), graph: graph, project: { states, _ in states })
    try comparison.add(pairs: [LayerPair(student: 0, teacher: 0)], weight: 1)
    return graph.loss
  }

  private func hidden(_ loss: MatchLoss, mean: MatchMean = .tokens) -> Match {
    Match(.hiddenStates, loss, map: .identity, mean: mean)
  }

  @Test func workedExamples() throws {
    // Masked hidden MSE: the padded third row of the example is not there in a packed batch.
    #expect(try loss(hidden(.squared), [1, 2, 3, 4], [0, 0, 3, 2], lengths: [2]) == 2.25)
    let (u, v): ([Float], [Float]) = ([1, 2], [2, 1])
    #expect(abs(try loss(hidden(.cosine), u, v, lengths: [1]) - 0.2) < 1e-6)
    let unit = try loss(hidden(.unitSquared(perElement: false)), u, v, lengths: [1])
    #expect(abs(unit - 0.4) < 1e-6, "twice the cosine's")
    #expect(abs(try loss(hidden(.unitSquared(perElement: true)), u, v, lengths: [1]) - 0.2) < 1e-6)
    // Attention scores of two heads: 7 / 8 over real pairs; 7 / 18 in a rectangle of 3 by 3.
    let (scores, targets): ([Float], [Float]) = ([1, 2, 3, 4, 0, 1, 1, 0], [1, 0, 3, 3, 0, 0, 0, 0])
    #expect(try loss(Match(.attentionScores), scores, targets, lengths: [2], heads: 2) == 0.875)
    let padded = Match(.attentionScores, map: .identity, mean: .padded)
    let other = [Float](repeating: 0, count: 2 * 9)
    // With a second text of three tokens, equal on both sides, the rectangle is 2 · 2 · 3 · 3.
    let value = try loss(padded, scores + other, targets + other, lengths: [2, 3], heads: 2)
    #expect(abs(value - 7 / 36.0) < 1e-7)
  }

  /// The value relation of the example: heads 2 wide in the teacher and 1 wide in the student.
  @Test func valueRelation() throws {
    let graph = try Graph<Double>()
    graph.begin(recording: false)
    func relation(_ rows: [[Double]]) throws -> Tensor<Double> {
      let width = rows[0].count
      let flat = rows.flatMap { [Double](repeating: 0, count: 2 * width) + $0 }
      return try graph.relation(
        of: graph.constant(flat, rows: rows.count, columns: 3 * width), part: 2, heads: 1, offsets: [0, 2])
    }
    let (teacher, student) = (try relation([[1, 0], [1, 1]]), try relation([[1], [2]]))
    #expect(relativeDifference(teacher.values, [0.7071067812, 0.7071067812, 0.7071067812, 1.4142135624]) < 1e-9)
    #expect(student.values == [1, 2, 2, 4])
    let loss = try graph.attentionDivergence(
      .forwardKL, student, teacher: teacher, heads: 1, offsets: [0, 2], scale: 0.5)
    #expect(abs(loss - 0.1365860225) < 1e-9)
    // Turning the vectors inside a head changes nothing.
    let (cosine, sine) = (0.6, 0.8)
    let turned = try relation(
      [[1, 0], [1, 1]].map { [cosine * $0[0] - sine * $0[1], sine * $0[0] + cosine * $0[1]] })
    #expect(relativeDifference(turned.values, teacher.values) < 1e-12)
  }

  @Test func invariances() throws {
    let student: [Float] = [1, -2, 0.5, 3, 1, 1, -1, 2, 0.25, 0.5, -3, 1]
    let teacher: [Float] = [0, 1, 2, -1, 1, 0.5, 0.25, -2, 3, 1, 1, 2]
    func value(_ match: Match, _ student: [Float]) throws -> Double {
      try loss(match, student, teacher, lengths: [2, 1])
    }
    let triple = student.map { 3 * $0 }
    for match in [hidden(.cosine), hidden(.unitSquared(perElement: false))] {
      #expect(abs(try value(match, student) - value(match, triple)) < 1e-6, "no length counts")
    }
    let shifted = student.enumerated().map { 2.5 * $1 + Float($0 / 4) }
    let standard = hidden(.standardSquared())
    #expect(abs(try value(standard, student) - value(standard, shifted)) < 1e-5, "no affine change counts")
    // Scores: a constant a row changes a divergence of softmaxes by nothing, a squared difference by something.
    let scores: [Float] = [1, 2, 0, 1]
    let raised: [Float] = [4, 5, -2, -1]
    for match in [Match(.attentionScores, .divergence(.forwardKL), map: .identity)] {
      #expect(abs(try loss(match, scores, raised, lengths: [2])) < 1e-6)
    }
    #expect(try loss(Match(.attentionScores, map: .identity), scores, raised, lengths: [2]) > 1)
  }

  /// Gram matrices of features do not know the order of the tokens, those of tokens not the axes of the width.
  @Test func gramsForgetWhatTheyShould() throws {
    let graph = try Graph<Double>()
    graph.begin(recording: false)
    let (a, b) = ([1, 2, -1, 0.5, 3, -2.0], [0.25, 1, 2, -3, 1, 1.0])
    func tensor(_ values: [Double]) throws -> Tensor<Double> { try graph.constant(values, rows: 3, columns: 2) }
    func swapped(_ values: [Double]) -> [Double] { Array(values[4...] + values[2..<4] + values[..<2]) }
    func turned(_ values: [Double]) -> [Double] {
      stride(from: 0, to: 6, by: 2).flatMap { place in
        let (x, y) = (values[place], values[place + 1])
        return [0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y]
      }
    }
    let features = try graph.featureGram(tensor(a), tensor(b), offsets: [0, 3]).values
    let reordered = try graph.featureGram(tensor(swapped(a)), tensor(swapped(b)), offsets: [0, 3]).values
    #expect(relativeDifference(reordered, features) < 1e-12)
    let tokens = try graph.tokenGram(tensor(a), tensor(b), offsets: [0, 3]) { $0 }.values
    let rotated = try graph.tokenGram(tensor(turned(a)), tensor(turned(b)), offsets: [0, 3]) { $0 }.values
    #expect(relativeDifference(rotated, tokens) < 1e-12)
  }

  @Test func aZeroVectorIsNoNaN() throws {
    for match in [hidden(.cosine), hidden(.unitSquared(perElement: false))] {
      #expect(try loss(match, [0, 0], [1, 2], lengths: [1]).isFinite)
    }
  }

  @Test func unlikeModelsAreRefusedWithARemedy() throws {
    func bert(_ hidden: Int, _ layers: Int, _ heads: Int) throws -> Bert {
      try Bert(
        BertConfiguration(
          vocabularySize: 10, hiddenSize: hidden, layerCount: layers, headCount: heads, intermediateSize: 8,
          maximumPositions: 8), head: .encoder)
    }
    let teacher = try bert(8, 4, 2)
    let values = teacher.initialValues(seed: 1)
    func error(_ student: Bert, _ matches: [Match], _ projections: [Projection] = []) throws -> RetortError {
      try #require(throws: RetortError.self) {
        try Matching(
          teacher: teacher, values: values, student: student, matches: matches, projections: projections)
      }
    }
    #expect(try error(bert(4, 2, 1), [Match(.attentionScores)]).code == "matching.heads")
    #expect(try error(bert(4, 2, 2), [Match(.hiddenStates)]).code == "matching.width")
    #expect(try error(bert(4, 2, 2), [Match(.hiddenStates, projection: .shared("w"))]).code == "matching.projection")
    #expect(try error(bert(8, 3, 2), [Match(.hiddenStates)]).code == "layers.map")
    // One projection for each layer, and one that two matches share.
    let student = try bert(4, 2, 2)
    let layout = try Matching(
      teacher: teacher, values: values, student: student,
      matches: [
        Match(.hiddenStates, projection: .perLayer("own")), Match(.embeddings, projection: .shared("both")),
        Match(.hiddenStates, projection: .shared("both")),
      ], projections: [Projection("own", hasBias: false), Projection("both")]
    ).layout
    let names = layout.entries.dropFirst(student.layout.entries.count).map(\.name)
    #expect(
      names == [
        "projection.own.1.weight", "projection.own.2.weight", "projection.both.weight", "projection.both.bias",
      ])
    #expect(layout["projection.both.weight"]?.shape == [8, 4])
  }
}
