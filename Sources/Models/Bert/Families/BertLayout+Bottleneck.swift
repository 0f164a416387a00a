import Tensors

extension ParameterLayout {
  /// A block of a MobileBERT: queries and keys touch, and values too where they read the same input.
  mutating func appendBlock(
    _ index: Int, _ configuration: BertConfiguration, _ bottleneck: Bottleneck
  ) throws(TensorError) {
    let (hidden, width, wide) = (configuration.hiddenSize, bottleneck.width, configuration.intermediateSize)
    let block = BertNames.block(index)
    let valueInputs = bottleneck.narrowsAttention ? width : hidden
    try appendLinear("\(block).bottleneck.input.dense", [width, hidden])
    try appendNorm("\(block).bottleneck.input.LayerNorm", width)
    if bottleneck.sharesKeyQuery {
      try appendLinear("\(block).bottleneck.attention.dense", [width, hidden])
      try appendNorm("\(block).bottleneck.attention.LayerNorm", width)
    }
    let (weights, biases) = (BertNames.projections(index, "weight"), BertNames.projections(index, "bias"))
    try append(group: weights.prefix(2).map { ($0, [width, width]) })
    try append(group: biases.prefix(2).map { ($0, [width]) })
    try append(weights[2], [width, valueInputs])
    try append(biases[2], [width])
    try appendLinear("\(block).attention.output.dense", [width, width])
    try appendNorm("\(block).attention.output.LayerNorm", width)
    for number in 0..<bottleneck.feedForwardCount - 1 {
      try appendLinear("\(block).ffn.\(number).intermediate.dense", [wide, width])
      try appendLinear("\(block).ffn.\(number).output.dense", [width, wide])
      try appendNorm("\(block).ffn.\(number).output.LayerNorm", width)
    }
    try appendLinear("\(block).intermediate.dense", [wide, width])
    try appendLinear("\(block).output.dense", [width, wide])
    try appendNorm("\(block).output.LayerNorm", width)
    try appendLinear("\(block).output.bottleneck.dense", [hidden, width])
    try appendNorm("\(block).output.bottleneck.LayerNorm", hidden)
  }
}
