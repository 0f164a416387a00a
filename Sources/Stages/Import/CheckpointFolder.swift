import Declaring
import FoundationEssentials
import Models
import Tensors
import Training

/// Folders of checkpoints as they are imported.
enum CheckpointFolder {
  /// The folder as a source: what makes the model, and nothing else of it.
  static func source(_ path: String) -> SourceFolder {
    let optional = ["*.safetensors", "*.safetensors.index.json", HubSelection.card] + HubSelection.tokenizerNames
    return SourceFolder(
      FilePath(path),
      members: [.init(HubSelection.configuration)] + optional.map { .init($0, isOptional: true) })
  }

  /// - Throws: `model.pickle` with the line that converts them, `import.no-weights`.
  static func requireWeights(in folder: FilePath) throws {
    let names = try Files.names(in: folder)
    guard !names.contains(where: { $0.hasSuffix(".safetensors") }) else { return }
    if let pickle = names.first(where: PickledWeights.isOne) {
      throw PickledWeights.refusal(pickle, of: folder.string, folder: "\(folder.string)-safetensors")
    }
    throw RetortError(
      "import.no-weights", "There are no weights in it: no file ends in .safetensors.",
      remedy: "Name the folder of a whole checkpoint, or fetch one: retort pull OWNER/NAME.",
      at: Place(file: folder.string))
  }

  /// What planning knows of a folder: its configuration says it.
  ///
  /// - Throws: what `FolderConfiguration` throws, `import.head`, `model.quantized`.
  static func facts<Kind: CheckpointKind>(of folder: FilePath, as kind: Kind.Type) throws -> Facts {
    let stored = try FolderConfiguration(folder: folder)
    if let problem = Kind.problem(with: stored.head) {
      throw RetortError("import.head", problem.message, remedy: problem.remedy, at: Place(file: folder.string))
    }
    guard stored.form == .dense else {
      throw RetortError(
        "model.quantized", "The model is quantized; its weights are integers.",
        remedy: "Import the model that it was quantized from.", at: Place(file: folder.string))
    }
    let configuration = stored.configuration
    let head = Kind.requestedHead ?? stored.head
    var facts = Facts(of: configuration)
    if head.outputs == 0 || configuration.labels.count != head.outputs { facts.labels = nil }
    return facts
  }

  /// The same error with its file named in the message, where faults of plans have no place for it.
  static func naming(_ error: any Error) -> any Error {
    guard var known = error as? RetortError, let file = known.place.file else { return error }
    known.message = "\(file): \(known.message)"
    return known
  }

  /// Reads a folder's model and tokenizer: the one place that knows how.
  static func read(_ folder: FilePath, head: BertHead?) throws -> ImportedCheckpoint {
    let checkpoint = try BertCheckpoint(folder: folder, head: head)
    let tokenizer = try ModelFolder.tokenizer(of: folder, for: checkpoint.bert.configuration)
    var facts = StoredModel(checkpoint.bert, values: checkpoint.values, tokenizer: tokenizer).facts
    facts.licence = try licence(in: folder)
    return ImportedCheckpoint(
      checkpoint: checkpoint, tokenizer: tokenizer, facts: facts, precisions: try precisions(in: folder))
  }

  /// The forms of numbers in the weights, such as `F16`, in order of their names.
  private static func precisions(in folder: FilePath) throws -> [String] {
    let files = try Files.names(in: folder).filter { $0.hasSuffix(".safetensors") }
    let types = try files.flatMap { try SafetensorsFile(at: folder.appending($0)).header.entries.map(\.type.rawValue) }
    return Set(types).sorted()
  }

  /// The licence that the description of a model states in its front matter; nil where it states none.
  private static func licence(in folder: FilePath) throws -> String? {
    let path = folder.appending(HubSelection.card)
    guard let status = try Files.status(of: path), status.kind == .file, status.bytes <= 1 << 20 else { return nil }
    let lines = String(decoding: try Files.read(path), as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard lines.first == "---" else { return nil }
    for line in lines.dropFirst().prefix(while: { $0 != "---" }) where line.hasPrefix("license:") {
      let value = line.dropFirst("license:".count).trimmed { " \t\"'".contains($0) }
      let isPlain =
        (1...64).contains(value.utf8.count)
        && value.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
      return isPlain ? value : nil
    }
    return nil
  }
}

/// What was read of a checkpoint.
struct ImportedCheckpoint {
  var checkpoint: BertCheckpoint
  var tokenizer: any Tokenizer
  var facts: Facts
  /// The forms in which the numbers were stored.
  var precisions: [String]

  var report: LoadingReport { checkpoint.report }

  /// What became of every tensor, for the log.
  var lines: [String] {
    func line(_ what: String, _ names: [String]) -> String? {
      names.isEmpty ? nil : "\(what) (\(names.count)): \(names.joined(separator: ", "))"
    }
    var lines = [
      line("loaded", report.loaded), line("new, drawn afresh", report.new), line("unused", report.unused),
      line("ignored, for they follow from others", report.ignored),
    ].compactMap(\.self)
    let others = precisions.filter { $0 == "F16" || $0 == "BF16" || $0 == "F64" }
    if !others.isEmpty { lines.append("stored as \(others.joined(separator: " and ")), computed with in F32") }
    return lines
  }

  /// Writes the model's folder, and says what is known of it.
  func write(to folder: FilePath) throws -> Facts {
    try checkpoint.write(to: folder)
    try tokenizer.write(to: folder)
    return facts
  }
}

extension Facts {
  /// The licence of the checkpoint that was imported, as its description names it.
  var licence: String? {
    get { other["licence"] }
    set { other["licence"] = newValue }
  }

  /// The model on a hub that was imported.
  var origin: String? {
    get { other["origin"] }
    set { other["origin"] = newValue }
  }
}
