import Tensors

/// What a family's small differences come to.
extension BertConfiguration {
  /// The reference's values of a family.
  public init(defaultsOf family: BertFamily) {
    self.init()
    self.family = family
    switch family {
    case .bert: break
    case .distilBERT:
      (layerCount, typeVocabularySize, classifierDropout) = (6, 0, 0.2)
    case .roBERTa:
      (vocabularySize, paddingToken) = (50_265, 1)
    case .albert:
      (vocabularySize, embeddingSize, hiddenSize, headCount, intermediateSize) = (30_000, 128, 4_096, 64, 16_384)
      (hiddenDropout, attentionDropout, classifierDropout) = (0, 0, 0.1)
      (activation, sharedBlocks) = ("gelu_new", 1)
    case .mobileBERT:
      (embeddingSize, hiddenSize, layerCount, headCount, intermediateSize) = (128, 512, 24, 4, 512)
      (hiddenDropout, activation, bottleneck) = (0, "relu", Bottleneck())
    }
  }

  /// Width of the word embeddings.
  public var embeddingWidth: Int { embeddingSize ?? hiddenSize }

  /// Width of a block's inside.
  public var blockWidth: Int { bottleneck?.width ?? hiddenSize }

  /// Row of the position table that the first token takes: RoBERTa counts from behind the padding's number.
  public var firstPosition: Int { family == .roBERTa ? paddingToken + 1 : 0 }

  /// Tokens that the model takes at most.
  public var longestInput: Int { maximumPositions - firstPosition }

  /// The block whose parameters a layer uses: its own, but in ALBERT.
  public func parameterBlock(_ layer: Int) -> Int {
    guard let sharedBlocks, sharedBlocks > 0, layerCount > 0 else { return layer }
    return min(Int(Double(layer) / (Double(layerCount) / Double(sharedBlocks))), sharedBlocks - 1)
  }

  /// Blocks with parameters of their own.
  public var parameterBlocks: Int { min(sharedBlocks ?? layerCount, layerCount) }

  /// Dropout of attention's output, which DistilBERT leaves out.
  var attendedDropout: Double { family == .distilBERT ? 0 : hiddenDropout }

  /// Dropout of the feed-forward network's output, which the reference's ALBERT leaves out.
  var feedForwardDropout: Double { family == .albert ? 0 : hiddenDropout }

  /// Dropout before a classifier's last layer.
  var headDropout: Double { classifierDropout ?? hiddenDropout }

  /// The activation of the masked-LM head's transform; nil for one that is not known.
  var transformActivation: Activation? {
    family == .roBERTa ? .gelu : Activation(hiddenActivation: activation)
  }

  /// ε of a norm; two of MobileBERT's keep PyTorch's own.
  func epsilon(ofNorm name: String) -> Double {
    guard bottleneck != nil else { return layerNormEpsilon }
    let isPlain = name == "\(BertNames.embeddings).LayerNorm"
    let isOutput = name.hasSuffix(".output.LayerNorm") && !name.contains(".attention.") && !name.contains(".ffn.")
    return isPlain || isOutput ? 1e-5 : layerNormEpsilon
  }

  /// The layer between the first token and a classifier, or what a bare encoder pools with; nil where there is none.
  func pooler(under head: BertHead) -> (name: String, activation: Activation)? {
    switch (family, head) {
    case (_, .maskedLM), (_, .tagger), (.distilBERT, .encoder): nil
    case (.distilBERT, _): (BertNames.classifierDense, .relu)
    case (.roBERTa, .classifier), (.roBERTa, .regression): (BertNames.classifierDense, .tanh)
    case (.mobileBERT, _) where bottleneck?.poolsThroughDense == false: nil
    default: (BertNames.pooler, .tanh)
    }
  }

  /// The layer that gives a classifier's, regression's or tagger's outputs.
  func outputLayer(of head: BertHead) -> String {
    family == .roBERTa && !head.answersTokens ? BertNames.classifierProjection : BertNames.classifier
  }

  /// Dropout before that layer.
  func outputDropout(of head: BertHead) -> Double {
    family == .distilBERT && head.answersTokens ? hiddenDropout : headDropout
  }
}
