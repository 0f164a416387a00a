import Artifacts
import Tensors

/// What can be said of a model's folder without reading its weights.
public enum ModelFolder {
  /// Bytes of all files in a folder and the folders below it.
  public static func bytes(in folder: FilePath) throws -> Int {
    try Files.names(in: folder).reduce(0) { total, name in
      guard let status = try Files.status(of: folder.appending(name)) else { return total }
      return try total + (status.kind == .folder ? bytes(in: folder.appending(name)) : status.bytes)
    }
  }

  /// Parameters of the model in a folder, whatever their precision.
  ///
  /// - Throws: What `FolderConfiguration` throws.
  public static func parameterCount(of folder: FilePath) throws -> Int {
    let stored = try FolderConfiguration(folder: folder)
    return try building(stored.configuration, stored.head, at: folder).layout.parameterCount
  }

  /// What an answer costs for each token, as `BertConfiguration.operationsPerToken` counts it.
  ///
  /// - Throws: What `FolderConfiguration` throws.
  public static func operationsPerToken(of folder: FilePath) throws -> Int {
    try FolderConfiguration(folder: folder).configuration.operationsPerToken
  }

  /// Whether the folder holds integers, with which nothing can be trained.
  ///
  /// - Throws: What `FolderConfiguration` throws.
  public static func isQuantized(_ folder: FilePath) throws -> Bool {
    try FolderConfiguration(folder: folder).form != .dense
  }

  /// Reads the tokenizer and checks that each of its tokens has an embedding.
  ///
  /// - Throws: What `TokenizerFolder` throws, and `model.vocabulary` with both counts.
  public static func tokenizer(of folder: FilePath, for configuration: BertConfiguration) throws -> any Tokenizer {
    let tokenizer = try TokenizerFolder.read(folder)
    guard tokenizer.vocabularySize <= configuration.vocabularySize else {
      throw refusal(
        "model.vocabulary",
        "It has \(tokenizer.vocabularySize) tokens; the model has \(configuration.vocabularySize) embeddings.",
        at: folder.string, remedy: "Use the vocabulary that the model was trained with.")
    }
    return tokenizer
  }
}
