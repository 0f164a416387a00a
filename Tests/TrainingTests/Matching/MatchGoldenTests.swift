import Models
import RetortTesting
import Tensors
import Testing

@testable import Training

/// Losses on inner states against PyTorch on padded tensors: `Tests/Goldens/matches.py` says how.
struct MatchGoldenTests {
  private static let lengths: [Int32] = [7, 4, 1]
  private let golden: Golden

  init() throws { golden = try Golden("matches") }

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var match: Match
    /// Names of the student's and the teacher's inputs.
    var student: [String]
    var teacher: [String]
    var heads = (student: 4, teacher: 4)
    var testDescription: String { name }
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    for mean in [MatchMean.tokens, .padded, .texts] {
      for (name, loss) in [
        ("squared", MatchLoss.squared), ("cosine", .cosine), ("unit_squared", .unitSquared(perElement: false)),
        ("standard_squared", .standardSquared()), ("moments", .moments(means: 2, variances: 3)),
        ("representation", .divergence(.forwardKL)),
      ] {
        cases.append(
          Case(
            name: "\(name).\(mean)", match: Match(.hiddenStates, loss, map: .identity, mean: mean), student: ["s1"],
            teacher: ["t1"]))
      }
      cases.append(
        Case(
          name: "scores_squared.\(mean)", match: Match(.attentionScores, map: .identity, mean: mean),
          student: ["scoresS"], teacher: ["scoresT"]))
      cases.append(
        Case(
          name: "scores_kl.\(mean)",
          match: Match(.attentionScores, .divergence(.forwardKL), map: .identity, mean: mean),
          student: ["scoresS"], teacher: ["scoresT"]))
    }
    cases.append(
      Case(
        name: "scores_ce", match: Match(.attentionScores, .divergence(.softCrossEntropy), map: .identity),
        student: ["scoresS"], teacher: ["scoresT"]))
    cases.append(
      Case(
        name: "pkd.paper", match: Match(.firstTokens, .unitSquared(perElement: false), map: .identity),
        student: ["s1", "s2"], teacher: ["t1", "t2"]))
    cases.append(
      Case(
        name: "pkd.reference",
        match: Match(.firstTokens, .unitSquared(perElement: true), map: .identity, layers: .mean),
        student: ["s1", "s2"], teacher: ["t1", "t2"]))
    cases.append(
      Case(
        name: "feature_gram", match: Match(.hiddenStates, .featureGram, map: .identity), student: ["s1", "s2"],
        teacher: ["t1", "t2"]))
    for divisor in [MatchLoss.GramDivisor.width, .length] {
      cases.append(
        Case(
          name: "token_gram.\(divisor)", match: Match(.hiddenStates, .tokenGram(over: divisor), map: .identity),
          student: ["n1", "n2"], teacher: ["t1", "t2"]))
    }
    cases.append(
      Case(
        name: "head_sum", match: Match(.attentionScores, .headSumSquared, map: .identity), student: ["scores2"],
        teacher: ["scoresT"], heads: (2, 4)))
    cases.append(
      Case(
        name: "head_mean", match: Match(.attentionScores, .headMeanDivergence(.softCrossEntropy), map: .identity),
        student: ["scores2"], teacher: ["scoresT"], heads: (2, 4)))
    for (name, feature) in [
      ("query", MatchFeature.queryRelation), ("key", .keyRelation), ("value", .valueRelation),
    ] {
      cases.append(
        Case(
          name: "relation.\(name)", match: Match(feature, .divergence(.forwardKL), map: .identity, mean: .texts),
          student: ["qkvS"], teacher: ["qkvT"]))
    }
    return cases
  }()

  @Test(arguments: cases) func valueAndGradient(of example: Case) throws {
    let graph = try Graph<Float>()
    graph.begin(recording: true)
    graph.keepsGradients = true
    let inputs = try example.student.map { try tensor($0, in: graph) }
    let batch = try PackedBatch(Self.lengths.map { [Int32](repeating: 1, count: Int($0)) })
    let comparison = Comparison(
      match: example.match, student: try states(example, inputs, heads: example.heads.student, in: graph),
      teacher: try states(
        example, try example.teacher.map { try tensor($0, isConstant: true, in: graph) },
        heads: example.heads.teacher, in: graph),
      batch: batch, lengths: BatchLengths(batch), graph: graph, project: { states, _ in states })
    let pairs = try example.match.map.pairs(teacher: inputs.count, student: inputs.count)
    try comparison.add(pairs: pairs, weight: 1)
    graph.backward()
    #expect(relativeDifference([graph.loss], try golden.floats("\(example.name).value")) <= 1e-5)
    for (name, input) in zip(example.student, inputs) {
      let difference = relativeDifference(graph.gradient(of: input) ?? [], try golden.floats("\(example.name).\(name)"))
      #expect(difference <= 1e-5, "\(name): \(difference)")
    }
  }

  /// Shards add up to the whole, and other texts of the batch change only the denominators.
  @Test(arguments: cases) func shardsAddUp(of example: Case) throws {
    guard example.student.allSatisfy({ !$0.hasPrefix("scores") }) else { return }
    let whole = try PackedBatch(Self.lengths.map { [Int32](repeating: 1, count: Int($0)) })
    var losses: [Double] = []
    for cut in [[0..<3], [0..<1, 1..<3], [0..<1, 1..<2, 2..<3]] {
      losses.append(
        try cut.reduce(0) { total, texts in
          let graph = try Graph<Float>()
          graph.begin(recording: true)
          let rows = whole.offsets[texts.lowerBound]..<whole.offsets[texts.upperBound]
          func part(_ names: [String]) throws -> [Tensor<Float>] {
            try names.map { try graph.rows(tensor($0, in: graph), at: Array(rows)) }
          }
          let comparison = Comparison(
            match: example.match, student: try states(example, part(example.student), heads: 4, in: graph),
            teacher: try states(example, part(example.teacher), heads: 4, in: graph), batch: whole.slice(texts),
            lengths: BatchLengths(whole), graph: graph, project: { states, _ in states })
          let count = example.student.count
          try comparison.add(pairs: LayerMap.identity.pairs(teacher: count, student: count), weight: 1)
          return total + graph.loss
        })
    }
    #expect(abs(losses[0] - losses[1]) <= 1e-6 * max(1, abs(losses[0])))
    #expect(abs(losses[0] - losses[2]) <= 1e-6 * max(1, abs(losses[0])))
  }

  /// A learned projection: its own gradients too.
  @Test func projected() throws {
    let graph = try Graph<Float>()
    graph.begin(recording: true)
    graph.keepsGradients = true
    let (x, weight) = (try tensor("n1", in: graph), try tensor("weight", in: graph))
    let bias = try graph.variable(golden.floats("input.bias"), rows: 1, columns: 8)
    let batch = try PackedBatch(Self.lengths.map { [Int32](repeating: 1, count: Int($0)) })
    let example = Case(
      name: "projected", match: Match(.hiddenStates, map: .identity), student: ["n1"], teacher: ["t1"])
    let comparison = Comparison(
      match: example.match, student: try states(example, [x], heads: 4, in: graph),
      teacher: try states(example, [tensor("t1", isConstant: true, in: graph)], heads: 4, in: graph), batch: batch,
      lengths: BatchLengths(batch), graph: graph,
      project: { states, layer in
        #expect(layer == HiddenIndex(1))
        return try graph.linear(states, weight: weight, bias: bias)
      })
    try comparison.add(pairs: LayerMap.identity.pairs(teacher: 1, student: 1), weight: 1)
    graph.backward()
    #expect(relativeDifference([graph.loss], try golden.floats("projected.value")) <= 1e-5)
    for (name, input) in [("n1", x), ("weight", weight), ("bias", bias)] {
      let gradient = graph.gradient(of: input) ?? []
      #expect(relativeDifference(gradient, try golden.floats("projected.\(name)")) <= 1e-5, "\(name)")
    }
  }

  private func tensor(_ name: String, isConstant: Bool = false, in graph: Graph<Float>) throws -> Tensor<Float> {
    let shape = try golden.shape("input.\(name)")
    let (rows, columns) = shape.count == 1 ? (1, shape[0]) : (shape[0], shape[1])
    let values = try golden.floats("input.\(name)")
    return isConstant
      ? try graph.constant(values, rows: rows, columns: columns)
      : try graph.variable(values, rows: rows, columns: columns)
  }

  /// The inputs as the outputs of blocks, their scores or their projections.
  private func states(
    _ example: Case, _ inputs: [Tensor<Float>], heads: Int, in graph: Graph<Float>
  ) throws -> BertStates<Float> {
    let nothing = try graph.constant([], rows: 0, columns: 1)
    return BertStates(
      hidden: [nothing] + inputs,
      attentions: inputs.map { AttentionResult(context: nothing, probabilities: nothing, scores: $0, heads: heads) },
      projections: inputs)
  }
}
