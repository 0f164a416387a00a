import CKernels

/// What self-attention gives. Exposed values are one row: per sequence [heads, length, length], one after another.
public struct AttentionResult<Element: TensorElement> {
  /// [tokens, heads · size].
  public let context: Tensor<Element>
  /// softmax(scores) before dropout.
  public let probabilities: Tensor<Element>
  /// query · keyᵀ / √size, before the softmax; nil unless asked for.
  public let scores: Tensor<Element>?
  public let heads: Int

  public init(context: Tensor<Element>, probabilities: Tensor<Element>, scores: Tensor<Element>?, heads: Int) {
    (self.context, self.probabilities, self.scores, self.heads) = (context, probabilities, scores, heads)
  }
}

extension Graph {
  /// Self-attention inside each packed sequence (Vaswani et al. 2017, §3.2).
  ///
  /// - Parameters:
  ///   - projections: [tokens, 3 · heads · size]: query, key and value side by side.
  ///   - offsets: sequence s has the rows `offsets[s] ..< offsets[s + 1]`.
  ///   - dropout: rate, on the probabilities.
  ///   - firstRow: whole-batch number of this shard's first token (for dropout).
  ///   - exposesScores: make raw scores a value that losses can use.
  public func attention(
    _ projections: Tensor<Element>, heads: Int, offsets: [Int32], dropout: Double = 0, firstRow: Int = 0,
    exposesScores: Bool = false
  ) throws(TensorError) -> AttentionResult<Element> {
    let width = projections.columns / 3
    guard heads > 0, width > 0, width % heads == 0, projections.columns == 3 * width else {
      throw .shape(operation: "attention", detail: "\(projections.columns) columns are not 3 × \(heads) heads")
    }
    let lengths = try Self.lengths(offsets: offsets, rows: projections.rows, "attention")
    let pairs = heads * lengths.reduce(0) { $0 + $1 * $1 }
    let needs = needsGradient(projections)
    let context = make(projections.rows, width, needsGradient: needs)
    let probabilities = make(1, pairs, needsGradient: needs)
    let scores = exposesScores ? make(1, pairs, needsGradient: needs) : nil

    var arguments = retort_attention()
    arguments.query = UnsafeRawPointer(projections.pointer)
    arguments.key = UnsafeRawPointer(projections.pointer + width)
    arguments.value = UnsafeRawPointer(projections.pointer + 2 * width)
    arguments.stride = projections.columns
    arguments.sequences = lengths.count
    arguments.heads = heads
    arguments.size = width / heads
    arguments.scale = 1 / Double(width / heads).squareRoot()
    arguments.dropout = try nextDropout(rate: dropout, firstRow: firstRow)
    let room = kernels.pointee.attention_scratch(lengths.max() ?? 0, width / heads)
    arguments.scratch = UnsafeMutableRawPointer(scratch(room))
    offsets.withUnsafeBufferPointer {
      arguments.offsets = $0.baseAddress
      kernels.pointee.attention(&arguments, context.pointer, probabilities.pointer, scores?.pointer)
    }

    let result = AttentionResult(context: context, probabilities: probabilities, scores: scores, heads: heads)
    guard needs, isRecording else { return result }
    let recorded = arguments
    record([context, probabilities] + (scores.map { [$0] } ?? [])) { graph in
      guard let out = graph.outgoing(projections) else { return }
      var arguments = recorded
      let dcontext = graph.incoming(context) ?? graph.zeros(context.count)
      offsets.withUnsafeBufferPointer {
        arguments.offsets = $0.baseAddress
        graph.kernels.pointee.attention_backward(
          &arguments, dcontext, probabilities.pointer, graph.incoming(probabilities), scores.flatMap(graph.incoming),
          out.pointer, out.pointer + width, out.pointer + 2 * width, out.accumulates ? 1 : 0)
      }
    }
    return result
  }

  func zeros(_ count: Int) -> UnsafeMutablePointer<Element> {
    let pointer = arena.allocate(Element.self, count)
    kernels.pointee.fill(pointer, 0, count)
    return pointer
  }
}
