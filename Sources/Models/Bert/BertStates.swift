import Tensors

/// What the encoder gives for a packed batch.
public struct BertStates<Element: TensorElement> {
  /// Hidden states: index 0 is the embeddings' output, k the output of block k. Each [tokens, hidden], but for the last
  /// where it has the rows of `output` alone.
  public private(set) var hidden: [Tensor<Element>]
  /// Each block's attention; its raw scores are there where `exposesScores` asked for them.
  public private(set) var attentions: [AttentionResult<Element>] = []
  /// Each block's queries, keys and values side by side: [tokens, 3 · heads · size].
  public private(set) var projections: [Tensor<Element>] = []
  /// Whose rows the last block's output has.
  public private(set) var output = OutputTokens.all

  public init(
    hidden: [Tensor<Element>], attentions: [AttentionResult<Element>] = [], projections: [Tensor<Element>] = []
  ) {
    (self.hidden, self.attentions, self.projections) = (hidden, attentions, projections)
  }

  /// What a block adds.
  mutating func append(
    _ output: Tensor<Element>, _ attention: AttentionResult<Element>, _ projections: Tensor<Element>,
    at tokens: OutputTokens = .all
  ) {
    hidden.append(output)
    attentions.append(attention)
    self.projections.append(projections)
    self.output = tokens
  }

  /// The last block's output.
  public var last: Tensor<Element> { hidden[hidden.count - 1] }

  /// The last block's output at some tokens: [rows, hidden].
  ///
  /// - Throws: `TensorError.shape` where other tokens' rows were computed.
  func last(at rows: [Int32], in graph: Graph<Element>) throws(TensorError) -> Tensor<Element> {
    switch output {
    case .all: return try graph.rows(last, at: rows)
    case .rows(rows, _): return last
    case .rows(let others, _):
      throw .shape(
        operation: "BERT", detail: "\(rows.count) tokens are read, but the output has those of \(others.count) others")
    }
  }
}
