extension BertConfiguration {
  /// Weights of the blocks' matrices, biases left out: heads and neurons that were pruned away do not count.
  public var blockWeights: Int {
    if let bottleneck { return layerCount * weights(of: bottleneck) }
    return (0..<layerCount).reduce(0) { total, block in
      let shape = blockShape(block)
      return total + 4 * shape.headCount * headSize * hiddenSize + 2 * hiddenSize * shape.intermediateSize
    }
  }

  /// Floating-point operations that an answer takes for each token: a multiplication and an addition a weight of the blocks.
  ///
  /// Embeddings, norms, the head and attention's products of tokens with tokens are left out; training takes three times as
  /// many. An int8 model has as many operations, on integers.
  public var operationsPerToken: Int { 2 * blockWeights }

  private func weights(of bottleneck: Bottleneck) -> Int {
    let width = bottleneck.width
    let narrowed = bottleneck.sharesKeyQuery ? 2 : 1
    let values = bottleneck.narrowsAttention ? width : hiddenSize
    return narrowed * width * hiddenSize + 3 * width * width + width * values
      + bottleneck.feedForwardCount * 2 * width * intermediateSize + width * hiddenSize
  }
}
