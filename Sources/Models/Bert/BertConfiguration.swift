import FoundationEssentials
import Tensors

/// The architecture of a BERT, or of a model of its family, as in a Hugging Face `config.json` (same defaults).
public struct BertConfiguration: Sendable, Equatable, Hashable {
  public var family = BertFamily.bert
  public var vocabularySize = 30_522
  public var hiddenSize = 768
  public var layerCount = 12
  public var headCount = 12
  public var intermediateSize = 3_072
  public var activation = "gelu"
  public var hiddenDropout = 0.1
  public var attentionDropout = 0.1
  public var maximumPositions = 512
  public var typeVocabularySize = 2
  public var initializerRange = 0.02
  public var layerNormEpsilon = 1e-12
  public var paddingToken = 0
  /// Names of the classes in order; empty where there is no classifier (or its labels have no names).
  public var labels: [String] = []
  /// Dropout before a classifier's last layer; nil takes `hiddenDropout`.
  public var classifierDropout: Double?
  /// Width of the word embeddings, where it is another than `hiddenSize`: they are projected.
  public var embeddingSize: Int?
  /// How many blocks the layers share, in runs of neighbours (ALBERT); nil where each layer has its own.
  public var sharedBlocks: Int?
  /// What narrows the blocks (MobileBERT).
  public var bottleneck: Bottleneck?
  /// Blocks whose heads or intermediate neurons were pruned away; nil where all blocks are alike.
  public var blockShapes: [BlockShape]?

  /// The width of one block: kept heads (each `headSize` wide) and kept intermediate neurons.
  public struct BlockShape: Codable, Sendable, Equatable, Hashable {
    public var headCount: Int
    public var intermediateSize: Int
    public init(headCount: Int, intermediateSize: Int) {
      (self.headCount, self.intermediateSize) = (headCount, intermediateSize)
    }
  }

  public init() {}

  public init(
    vocabularySize: Int, hiddenSize: Int, layerCount: Int, headCount: Int, intermediateSize: Int,
    maximumPositions: Int = 512, dropout: Double = 0.1
  ) {
    (self.vocabularySize, self.hiddenSize, self.layerCount) = (vocabularySize, hiddenSize, layerCount)
    (self.headCount, self.intermediateSize) = (headCount, intermediateSize)
    (self.maximumPositions, hiddenDropout, attentionDropout) = (maximumPositions, dropout, dropout)
  }

  /// Width of one attention head, unchanged by pruning.
  public var headSize: Int { headCount > 0 ? blockWidth / headCount : 0 }

  public func blockShape(_ block: Int) -> BlockShape {
    if let blockShapes, blockShapes.indices.contains(block) { return blockShapes[block] }
    return BlockShape(headCount: headCount, intermediateSize: intermediateSize)
  }

  /// What is wrong with the values, one sentence a fault; empty for a configuration that can be built.
  public var faults: [String] {
    // The limits keep a mistyped or hostile file from asking for more memory than any machine has.
    let sizes = [
      ("vocab_size", vocabularySize, 1 << 24), ("hidden_size", hiddenSize, 1 << 15),
      ("num_hidden_layers", layerCount, 1 << 10), ("num_attention_heads", headCount, 1 << 10),
      ("intermediate_size", intermediateSize, 1 << 17), ("max_position_embeddings", maximumPositions, 1 << 17),
    ]
    var faults = rangeFaults(sizes + (embeddingSize.map { [("embedding_size", $0, 1 << 15)] } ?? []))
    if !(0...1 << 10).contains(typeVocabularySize) || typeVocabularySize == 0 && family != .distilBERT {
      faults.append("type_vocab_size must be from 1 to \(1 << 10), not \(typeVocabularySize)")
    }
    if let bottleneck {
      faults += bottleneck.faults(heads: headCount)
    } else if headCount > 0, hiddenSize % headCount != 0 {
      faults.append("hidden_size \(hiddenSize) is not a multiple of num_attention_heads \(headCount)")
    }
    if Activation(hiddenActivation: activation) == nil {
      faults.append("hidden_act “\(activation)” is not one of gelu, gelu_new, relu, tanh")
    }
    faults += [
      rateFault("hidden_dropout_prob", hiddenDropout), rateFault("attention_probs_dropout_prob", attentionDropout),
      classifierDropout.flatMap { rateFault("classifier_dropout", $0) },
    ].compactMap(\.self)
    if let sharedBlocks, !(1...max(layerCount, 1)).contains(sharedBlocks) {
      faults.append("num_hidden_groups must be from 1 to \(layerCount), not \(sharedBlocks)")
    }
    if maximumPositions > 0, longestInput < 1 {
      faults.append("max_position_embeddings \(maximumPositions) leaves none behind pad_token_id \(paddingToken)")
    }
    if blockShapes != nil, !family.hasPlainBlocks { faults.append("blocks of a \(family.title) are all alike") }
    if !(layerNormEpsilon >= 0) { faults.append("layer_norm_eps must not be \(layerNormEpsilon)") }
    if let blockShapes {
      if blockShapes.count != layerCount { faults.append("\(blockShapes.count) block shapes for \(layerCount) blocks") }
      for (index, shape) in blockShapes.enumerated() {
        if shape.headCount < 1 || shape.intermediateSize < 1 {
          faults.append("block \(index) has no head or no intermediate neuron")
        } else if shape.headCount > 1 << 10 || shape.intermediateSize > 1 << 17 {
          faults.append("block \(index) has more than \(1 << 10) heads or \(1 << 17) intermediate neurons")
        }
      }
    }
    return faults
  }
}

extension Activation {
  /// The activation that a `hidden_act` names; nil where it is not known here.
  init?(hiddenActivation name: String) {
    switch name {
    case "gelu": self = .gelu
    case "gelu_new", "gelu_pytorch_tanh": self = .geluTanh
    case "relu": self = .relu
    case "tanh": self = .tanh
    default: return nil
    }
  }
}
