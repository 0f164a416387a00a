import Tensors

/// The tokens whose output of the last block is read. Nothing else reads that output, so a block whose other rows are never
/// asked for need not compute them: for a classifier three quarters of a block.
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
