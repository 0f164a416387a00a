import Models
import RetortTesting
import Tensors
import Testing

/// Values and gradients of everything against PyTorch: max |a − b| ≤ 1e-5 · max(1, max |b|) a tensor.
struct BertGoldenTests {
  static let instructionSets = ["avx512", "avx2", "portable"].filter { Kernels.named($0) != nil }
  private static let tolerance = 1e-5

  /// Runs a case forwards and backwards and compares its loss and all gradients but those of key biases (truly 0).
  private func compare(
    _ tiny: TinyBert, on instructionSet: String,
    _ losses: (Graph<Float>, ParameterBinding<Float>, BertStates<Float>) throws -> Void
  ) throws {
    let graph = try Graph<Float>(kernels: Kernels.named(instructionSet))
    let gradients = FlatBuffer<Float>(count: tiny.bert.layout.count)
    let model = ParameterBinding(tiny.bert.layout, values: tiny.values, gradients: gradients)
    graph.begin(recording: true)
    let states = try tiny.bert.encode(tiny.batch, with: model, in: graph, exposesScores: true)
    try losses(graph, model, states)
    graph.backward()
    #expect(relativeDifference([graph.loss], try tiny.floats("loss")) < Self.tolerance)
    for entry in tiny.bert.layout.entries where !entry.name.hasSuffix("key.bias") {
      let difference = relativeDifference(gradients[entry.range], try tiny.floats("gradient.\(entry.name)"))
      #expect(difference <= Self.tolerance, "\(entry.name)")
    }
  }

  @Test(arguments: instructionSets)
  func classifier(instructionSet: String) throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    try compare(tiny, on: instructionSet) { graph, model, states in
      for (index, state) in states.hidden.enumerated() {
        #expect(relativeDifference(state.values, try tiny.floats("hidden.\(index)")) <= Self.tolerance)
      }
      for (index, attention) in states.attentions.enumerated() {
        let scores = try #require(attention.scores)
        #expect(relativeDifference(scores.values, try tiny.floats("scores.\(index)")) <= Self.tolerance)
      }
      let logits = try tiny.bert.logits(states, of: tiny.batch, with: model, in: graph)
      #expect(relativeDifference(logits.values, try tiny.floats("logits")) <= Self.tolerance)
      try graph.crossEntropy(logits, labels: tiny.integers("labels"), scale: 1 / 5)
    }
  }

  @Test(arguments: instructionSets)
  func regression(instructionSet: String) throws {
    let tiny = try TinyBert("regression", head: .regression)
    try compare(tiny, on: instructionSet) { graph, model, states in
      let logits = try tiny.bert.logits(states, of: tiny.batch, with: model, in: graph)
      #expect(relativeDifference(logits.values, try tiny.floats("logits")) <= Self.tolerance)
      try graph.squaredError(logits, target: graph.constant(tiny.floats("targets"), rows: 5, columns: 1), scale: 1 / 5)
    }
  }

  /// The decoder's weight is the word embedding table: its gradient comes from both ends.
  @Test(arguments: instructionSets)
  func maskedLM(instructionSet: String) throws {
    let tiny = try TinyBert("maskedLM", head: .maskedLM)
    try compare(tiny, on: instructionSet) { graph, model, states in
      let logits = try tiny.bert.wordLogits(states, at: tiny.integers("rows"), with: model, in: graph)
      #expect(relativeDifference(logits.values, try tiny.floats("logits")) <= Self.tolerance)
      try graph.crossEntropy(logits, labels: tiny.integers("labels"), scale: 1 / 9)
    }
  }

  /// Softened logits, a hidden state in the middle and raw scores pull at once, as a distillation's losses do.
  @Test(arguments: instructionSets)
  func distilled(instructionSet: String) throws {
    let tiny = try TinyBert("distilled", head: .classifier(labels: 3))
    try compare(tiny, on: instructionSet) { graph, model, states in
      let logits = try tiny.bert.logits(states, of: tiny.batch, with: model, in: graph)
      let teacher = try graph.constant(tiny.floats("teacher"), rows: 5, columns: 3)
      try graph.divergence(.forwardKL, logits, teacher: teacher, temperature: 2, scale: 4 / 5)
      let middle = states.hidden[1]
      let state = try graph.constant(tiny.floats("hidden_target"), rows: middle.rows, columns: middle.columns)
      try graph.squaredError(middle, target: state, scale: 1 / Double(middle.count))
      let scores = try #require(states.attentions[0].scores)
      let fixed = try graph.constant(tiny.floats("score_target"), rows: 1, columns: scores.count)
      try graph.squaredError(scores, target: fixed, scale: 1 / Double(scores.count))
    }
  }

  /// A frozen model (a teacher) gives the same values and records nothing.
  @Test func frozen() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let graph = try Graph<Float>()
    let model = ParameterBinding(tiny.bert.layout, values: tiny.values)
    for recording in [false, true] {
      graph.begin(recording: recording)
      let states = try tiny.bert.encode(tiny.batch, with: model, in: graph)
      let logits = try tiny.bert.logits(states, of: tiny.batch, with: model, in: graph)
      #expect(relativeDifference(logits.values, try tiny.floats("logits")) <= Self.tolerance)
      graph.backward()
    }
  }
}
