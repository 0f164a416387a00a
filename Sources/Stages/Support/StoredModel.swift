import Declaring
import FoundationEssentials
import Models
import Tensors
import Training

/// A dense BERT as it lies in a model's folder: what training starts from and leaves behind.
struct StoredModel {
  var bert: Bert
  var values: FlatBuffer<Float>
  var tokenizer: any Tokenizer

  /// Reads a model's folder with its own head.
  ///
  /// - Throws: `RetortError` naming the file and field that do not fit.
  init(reading folder: FilePath) throws {
    let checkpoint = try BertCheckpoint(folder: folder)
    bert = checkpoint.bert
    values = checkpoint.values
    tokenizer = try ModelFolder.tokenizer(of: folder, for: checkpoint.bert.configuration)
  }

  init(_ bert: Bert, values: FlatBuffer<Float>, tokenizer: any Tokenizer) {
    self.bert = bert
    self.values = values
    self.tokenizer = tokenizer
  }

  /// The same encoder under another head: parameters that both have are copied, the others drawn afresh.
  func replacingHead(_ head: BertHead, labels: [String] = [], seed: UInt64) throws -> StoredModel {
    var configuration = bert.configuration
    configuration.labels = labels
    return try adopting(into: Bert(configuration, head: head), seed: seed) { $0 }
  }

  /// A model of the given blocks alone, in this order, with everything around them.
  func keeping(blocks: [Int], head: BertHead, labels: [String], seed: UInt64) throws -> StoredModel {
    var configuration = bert.configuration
    configuration.layerCount = blocks.count
    configuration.labels = labels
    configuration.blockShapes = configuration.blockShapes.map { shapes in blocks.map { shapes[$0] } }
    configuration.sharedBlocks = configuration.sharedBlocks.map { min($0, blocks.count) }
    return try adopting(into: Bert(configuration, head: head), seed: seed) { name in
      // Shared blocks are the same for fewer layers.
      if configuration.sharedBlocks != nil { return name }
      for (position, block) in blocks.enumerated() {
        let prefix = "bert.encoder.layer.\(position)."
        if name.hasPrefix(prefix) { return "bert.encoder.layer.\(block)." + name.dropFirst(prefix.count) }
      }
      return name
    }
  }

  /// - Parameter source: the name here of a parameter there.
  private func adopting(into other: Bert, seed: UInt64, source: (String) -> String) throws -> StoredModel {
    let fresh = other.initialValues(seed: seed, as: Float.self)
    for entry in other.layout.entries {
      guard let own = bert.layout[source(entry.name)] else { continue }
      guard own.shape == entry.shape, own.name != "\(bert.outputLayer).weight" || configurationAgrees(with: other)
      else {
        continue
      }
      fresh.write(values[own.range], at: entry.offset)
    }
    return StoredModel(other, values: fresh, tokenizer: tokenizer)
  }

  private func configurationAgrees(with other: Bert) -> Bool {
    bert.configuration.labels == other.configuration.labels
  }

  /// Writes a model's folder, and says what is known of it.
  ///
  /// - Throws: `model.notFinite` where a weight is NaN or infinite; errors of writing.
  func write(to folder: FilePath) throws -> Facts {
    try BertCheckpoint(bert, values: values).write(to: folder)
    try tokenizer.write(to: folder)
    return facts
  }

  /// Writes the model into a new folder of the stage: what it returns.
  func published<Kind: ModelKind>(by context: StageContext) throws -> Model<Kind> {
    let folder = try context.folder()
    return Model(folder: folder, facts: try write(to: folder))
  }

  var facts: Facts {
    var facts = Facts(of: bert.configuration)
    facts.parameters = bert.layout.parameterCount
    facts.tokenizer = tokenizer.digest.hex
    return facts
  }
}

extension Facts {
  /// What a dense model's configuration says of it.
  init(of configuration: BertConfiguration) {
    self.init()
    family = configuration.family.rawValue
    layers = configuration.layerCount
    hidden = configuration.hiddenSize
    heads = configuration.headCount
    intermediate = configuration.intermediateSize
    vocabulary = configuration.vocabularySize
    positions = configuration.longestInput
    precision = "f32"
    labels = configuration.labels.isEmpty ? nil : configuration.labels
    describeBlocks(of: configuration)
  }
}
