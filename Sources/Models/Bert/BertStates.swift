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

/// The tokens whose output of the last block is read. Nothing else reads that output, so a block whose other rows are never
/// asked for need not compute them: for a classifier five sixths of a block.
public enum OutputTokens: Sendable, Equatable {
  case all
  /// - Parameters:
  ///   - rows: token rows of this (shard's) batch, which may repeat.
  ///   - first: whole-batch number of the first of them, so that dropout does not depend on how the batch was cut.
  case rows([Int32], first: Int)

  /// What a head reads: the first token of each sequence, or for a tagger all.
  public init(readBy head: BertHead, of batch: PackedBatch) {
    self = head.answersTokens ? .all : .rows(batch.firstRows, first: batch.firstExample)
  }

  /// Whole-batch number of the first row, for dropout.
  func firstRow(of batch: PackedBatch) -> Int {
    switch self {
    case .all: batch.firstRow
    case .rows(_, let first): first
    }
  }
}

extension Graph {
  /// A value's rows of those tokens.
  func rows(_ x: Tensor<Element>, of tokens: OutputTokens) throws(TensorError) -> Tensor<Element> {
    switch tokens {
    case .all: x
    case .rows(let rows, _): try self.rows(x, at: rows)
    }
  }
}
