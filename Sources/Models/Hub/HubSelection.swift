import Artifacts

/// Which files of a repository a model needs: its configuration, its weights as safetensors, its tokenizer.
public enum HubSelection {
  /// The files that a tokenizer may need.
  public static let tokenizerNames = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt",
    "vocab.json",
    "merges.txt", "spiece.model",
  ]
  public static let configuration = "config.json"
  /// The description of the model, for its licence.
  public static let card = "README.md"
  static let weights = "model.safetensors"
  static let index = "model.safetensors.index.json"

  /// The needed files of a snapshot, in the order of the list.
  ///
  /// - Throws: `hub.no-configuration`, `model.pickle`, `hub.no-weights`.
  public static func needed(_ snapshot: HubSnapshot) throws(RetortError) -> [HubFile] {
    let names = Set(snapshot.files.map(\.name))
    guard names.contains(configuration) else {
      throw refusal(
        "hub.no-configuration", "\(snapshot.repository) has no config.json, so it is no model of transformers.",
        remedy: "Name a repository whose model AutoModel.from_pretrained loads.")
    }
    let isWanted: (String) -> Bool
    if names.contains(weights) {
      isWanted = { $0 == weights }
    } else if names.contains(index) {
      isWanted = { $0 == index || isShard($0) }
    } else if let pickle = names.first(where: isPickle) {
      throw pickled(pickle, of: snapshot.repository.description, folder: "models/\(snapshot.repository.name)")
    } else {
      throw refusal(
        "hub.no-weights", "\(snapshot.repository) has no model.safetensors.",
        remedy: "Name a repository with weights as safetensors.")
    }
    let others = Set([configuration, card] + tokenizerNames)
    var seen: Set<String> = []
    return snapshot.files.filter { (others.contains($0.name) || isWanted($0.name)) && seen.insert($0.name).inserted }
  }

  /// `model-00001-of-00002.safetensors`.
  static func isShard(_ name: String) -> Bool { name.wholeMatch(of: /model-[0-9]+-of-[0-9]+\.safetensors/) != nil }

  /// Weights in a form that runs code when it is read.
  public static func isPickle(_ name: String) -> Bool {
    name.wholeMatch(of: /pytorch_model(-[0-9]+-of-[0-9]+)?\.bin(\.index\.json)?|model\.pt|.*\.pth/) != nil
  }

  /// The refusal of pickled weights, with the line of Python that helps.
  ///
  /// - Parameters:
  ///   - model: what `from_pretrained` should load: a name on the hub, or a folder.
  ///   - folder: where it should write.
  public static func pickled(_ file: String, of model: String, folder: String) -> RetortError {
    refusal(
      "model.pickle", "Its weights are pickled (\(file)), and reading a pickle runs the code in it.", at: model,
      remedy: "Convert them once: python -c \"from transformers import AutoModel; "
        + "AutoModel.from_pretrained('\(model)').save_pretrained('\(folder)', safe_serialization=True)\", "
        + "which needs PyTorch; add AutoTokenizer likewise for the tokenizer. Then import \(folder).")
  }
}
