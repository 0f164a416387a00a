import Artifacts
import Tensors

/// A BERT, or a model of its family, with its values as they lie in a folder that Hugging Face's `from_pretrained` loads.
///
/// The folder holds `config.json` and `model.safetensors` (or its shards); the tokenizer's files are the tokenizer's.
public struct BertCheckpoint: Sendable {
  public var bert: Bert
  /// All parameters, as `bert.layout` places them.
  public var values: FlatBuffer<Float>
  /// Members of `config.json` that Retort does not know.
  public var otherSettings: [JSONValue.Member]
  /// What reading did; empty for a model that was not read.
  public private(set) var report = LoadingReport()
  /// How a parameter was stored where it was not in F32: it is written so again, unless its values have changed.
  var storedTypes: [String: ElementType] = [:]

  static let weightsName = WeightFiles.single

  public init(_ bert: Bert, values: FlatBuffer<Float>, otherSettings: [JSONValue.Member] = []) {
    (self.bert, self.values, self.otherSettings) = (bert, values, otherSettings)
  }

  /// Reads a folder.
  ///
  /// - Parameters:
  ///   - head: what should stand on the encoder; nil takes what `config.json` names. With a head of the caller's, head
  ///     parameters that the file lacks or holds in another shape are drawn afresh.
  ///   - labels: the classes' names for that head; nil keeps those of the file where their number fits.
  ///   - seed: for parameters that are drawn.
  /// - Throws: `file.missing`, `model.badConfiguration`, `model.unsupported`, the codes of `SafetensorsFile`,
  ///   `model.missingTensor`, `model.shape` (with both shapes), `model.notFinite`, each naming the tensor.
  public init(folder: FilePath, head: BertHead? = nil, labels: [String]? = nil, seed: UInt64 = 0) throws {
    let stored = try FolderConfiguration(folder: folder)
    guard stored.form == .dense else {
      throw refusal(
        "model.quantized", "The model is quantized; its weights are integers.", at: folder.string,
        remedy: "Use the model that it was quantized from.")
    }
    var configuration = stored.configuration
    if let labels { configuration.labels = labels }
    let wanted = head ?? stored.head
    if configuration.labels.count != wanted.outputs { configuration.labels = [] }
    bert = try building(configuration, wanted, at: folder)
    let files = try WeightFiles(folder: folder)
    let names = StoredNames(of: bert, in: files.names)
    // Before any memory is taken: a wrong figure in config.json may ask for all of it.
    let places = try Self.places(of: bert, in: files, names, mayReplaceHead: head != nil)
    values = FlatBuffer(count: bert.layout.count)
    otherSettings = stored.others
    try readWeights(files, names, places, seed: seed)
  }

  /// Where the file keeps each parameter; nil for those that are to be drawn.
  private static func places(
    of bert: Bert, in file: WeightFiles, _ names: StoredNames, mayReplaceHead: Bool
  ) throws -> [SafetensorsHeader.Entry?] {
    try bert.layout.entries.map { entry in
      let candidates = names.candidates(for: entry.name)
      let shape = StoredNames.isTransposed(entry.name) ? entry.shape.reversed() : entry.shape
      guard let place = candidates.lazy.compactMap({ file[$0] }).first else {
        guard mayBeNew(entry.name, bert.head, mayReplaceHead) else {
          throw refusal(
            "model.missingTensor", "It has no tensor “\(candidates.first ?? entry.name)” \(shape).", at: file.name,
            field: candidates.first, remedy: "Use the folder of a whole model whose config.json belongs to its weights."
          )
        }
        return nil
      }
      if place.shape == shape { return place }
      if mayReplaceHead, isOfHead(entry.name) { return nil }
      throw refusal(
        "model.shape", "Tensor “\(place.name)” has the shape \(place.shape); config.json asks for \(shape).",
        at: file.name, field: place.name)
    }
  }

  private mutating func readWeights(
    _ file: WeightFiles, _ names: StoredNames, _ places: [SafetensorsHeader.Entry?], seed: UInt64
  ) throws {
    var used: Set<String> = []
    for (entry, place) in zip(bert.layout.entries, places) {
      guard let place else {
        report.new.append(entry.name)
        continue
      }
      try file.readFloats(place.name, into: .init(rebasing: values.buffer[entry.range]))
      guard values.nonFiniteCount(entry.range) == 0 else {
        let first = values.buffer[entry.range].firstIndex { !$0.isFinite }.map { $0 - entry.offset } ?? 0
        throw refusal(
          "model.notFinite", "Tensor “\(place.name)” holds NaN or an infinity (first at element \(first)).",
          at: file.name, field: place.name, remedy: "The training that wrote it diverged; train again.")
      }
      if StoredNames.isTransposed(entry.name) {
        values.write(values[entry.range].transposed(columns: place.shape[1]), at: entry.offset)
      }
      if place.type != .f32 { storedTypes[entry.name] = place.type }
      used.insert(place.name)
      report.loaded.append(entry.name)
    }
    try requireTied(file, names)
    bert.initialise(report.new, of: values, seed: seed)
    for name in file.names where !used.contains(name) {
      if names.isDerived(name) { report.ignored.append(name) } else { report.unused.append(name) }
    }
  }

  /// The encoder and the file's own head must be there; only a pooler that was left off may be drawn.
  private static func mayBeNew(_ name: String, _ head: BertHead, _ mayReplaceHead: Bool) -> Bool {
    mayReplaceHead ? isOfHead(name) : head == .encoder && name.hasPrefix(BertNames.pooler)
  }

  private static func isOfHead(_ name: String) -> Bool {
    [BertNames.pooler, "cls.", "\(BertNames.classifier)."].contains { name.hasPrefix($0) }
  }

  /// Ours has no decoder of its own: a checkpoint whose decoder differs from its word embeddings would change.
  private func requireTied(_ file: WeightFiles, _ names: StoredNames) throws {
    let decoder = names.decoder
    guard bert.head == .maskedLM, file[decoder] != nil else { return }
    guard let words = bert.layout[BertNames.words] else { return }
    let own = FlatBuffer<Float>(count: words.count)
    try file.readFloats(decoder, into: own.buffer)
    guard own[0..<own.count] == values[words.range] else {
      throw refusal(
        "model.unsupported", "Its masked-LM decoder is not tied to the word embeddings.", at: file.name,
        field: decoder)
    }
  }
}

/// A BERT whose faults become errors of its folder.
func building(_ configuration: BertConfiguration, _ head: BertHead, at folder: FilePath) throws -> Bert {
  do {
    return try Bert(configuration, head: head)
  } catch {
    throw refusal("model.badConfiguration", "\(error)", at: folder.appending(FolderConfiguration.name).string)
  }
}
