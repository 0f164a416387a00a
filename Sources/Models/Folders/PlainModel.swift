import Artifacts
import Tensors

/// A model as tools know it that have dense blocks of one width and floats only, such as Hugging Face's transformers.
///
/// Heads and neurons that pruning took out come back as zeros, integers become the floats that they stand for. The
/// model of a pruned folder gives the same answers but for the order of sums; that of an int8 folder does not round its
/// activations, so answers differ as much as that rounding does.
public struct PlainModel: Sendable {
  public let checkpoint: BertCheckpoint
  public let tokenizer: any Tokenizer
  /// Whether the folder holds this very model already.
  public let isAsStored: Bool

  /// - Throws: What `BertCheckpoint`, `QuantizedCheckpoint` and `TokenizerFolder` throw, `model.vocabulary`.
  public init(reading folder: FilePath) throws {
    let stored = try FolderConfiguration(folder: folder)
    tokenizer = try ModelFolder.tokenizer(of: folder, for: stored.configuration)
    isAsStored = stored.form == .dense && stored.configuration.blockShapes == nil
    let dense =
      switch stored.form {
      case .dense: try BertCheckpoint(folder: folder)
      case .int8: try QuantizedCheckpoint(folder: folder).dequantized()
      }
    guard dense.bert.configuration.blockShapes != nil else {
      checkpoint = dense
      return
    }
    let (bert, values) = try dense.bert.equalizingBlocks(of: dense.values)
    checkpoint = BertCheckpoint(bert, values: values, otherSettings: dense.otherSettings)
  }

  /// Writes configuration, weights and tokenizer into a folder that exists.
  ///
  /// - Throws: Errors of writing.
  public func write(to folder: FilePath) throws {
    try checkpoint.write(to: folder)
    try tokenizer.write(to: folder)
  }
}
