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
    if names.contains(WeightFiles.single) {
      isWanted = { $0 == WeightFiles.single }
    } else if names.contains(WeightFiles.index) {
      isWanted = { $0 == WeightFiles.index || isShard($0) }
    } else if let pickle = names.first(where: PickledWeights.isOne) {
      throw PickledWeights.refusal(
        pickle, of: snapshot.repository.description, folder: "models/\(snapshot.repository.name)")
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
}
