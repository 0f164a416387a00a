import Declaring
import Models

/// Reads a checkpoint in Hugging Face's form, of a folder or from a hub, into Retort's own.
///
/// ```swift
/// let base = stage("base", ImportCheckpoint("models/minilm"))
/// let base = stage("base", ImportCheckpoint(hub: "sentence-transformers/all-MiniLM-L6-v2", revision: "c9745ed1…"))
/// let judge = stage("judge", ImportCheckpoint("models/judge", as: Classifier.self))
/// ```
/// Without `as:` the encoder alone is taken. A head that is asked for must be in the checkpoint: importing draws none but
/// the pooler of an encoder that was saved without one. Every tensor keeps its bits, in F32, F16 or BF16. Weights that are
/// pickled are refused.
public struct ImportCheckpoint<Kind: CheckpointKind>: Stage {
  public static var id: String { "import.checkpoint.\(Kind.name)" }
  public static var version: Int { 1 }

  /// One of the two is given.
  var folder: SourceFolder?
  var hub: HubModel?

  /// Reads a folder. Only the files that make the model count: config.json, safetensors, the tokenizer's, README.md.
  public init(_ folder: String, as kind: Kind.Type) {
    self.folder = CheckpointFolder.source(folder)
  }

  /// Fetches a model from the hub that `HF_ENDPOINT` names.
  ///
  /// - Parameters:
  ///   - name: `OWNER/NAME`.
  ///   - revision: a commit, which the key holds. A branch or tag is looked up once and remembered on this machine;
  ///     planning then names the commit to write instead.
  public init(hub name: String, revision: String = "main", as kind: Kind.Type) {
    hub = HubModel(name: name, revision: revision)
  }

  public var conventions: [String] {
    ["weights: as they are, in F32, F16 or BF16, which are computed with in F32; sharded files become one"]
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    do {
      if let hub, let commit = try hub.movedCommit() {
        forecast.warn(
          "hub", "“\(hub.revision)” moves; on this machine it means commit \(commit).",
          remedy: "Write revision: \"\(commit)\", so that the pipeline is the same everywhere.")
      }
      guard let place = try place() else { return .unknown }
      return try CheckpointFolder.facts(of: place, as: Kind.self)
    } catch {
      forecast.fault(folder == nil ? "hub" : "folder", CheckpointFolder.naming(error))
      return .unknown
    }
  }

  /// A folder with `config.json` that can be looked at before anything runs; nil where none is here.
  private func place() throws -> FilePath? {
    if let hub { return try hub.configuration() }
    guard let folder, try Files.status(of: folder.path)?.kind == .folder else { return nil }
    try CheckpointFolder.requireWeights(in: folder.path)
    return try Files.status(of: folder.path.appending(HubSelection.configuration)) == nil ? nil : folder.path
  }

  public func run(_ context: StageContext) async throws -> Model<Kind> {
    let source = try source(context)
    if let problem = Kind.problem(with: try FolderConfiguration(folder: source).head) {
      throw RetortError("import.head", problem.message, remedy: problem.remedy, at: Place(field: "as"))
    }
    var imported = try CheckpointFolder.read(source, head: Kind.requestedHead)
    for line in imported.lines { context.log(line) }
    context.record("tensors loaded", Double(imported.report.loaded.count))
    context.record("tensors new", Double(imported.report.new.count))
    context.record("tensors unused", Double(imported.report.unused.count))
    context.record("tensors ignored", Double(imported.report.ignored.count))
    let target = try context.folder()
    imported.facts.origin = hub.map { "\($0.name)" }
    return Model(folder: target, facts: try imported.write(to: target))
  }

  private func source(_ context: StageContext) throws -> FilePath {
    if let folder { return try context.load(folder) }
    guard let hub else {
      throw RetortError("import.nothing", "There is nothing to import.", remedy: "Name a folder, or a model on a hub.")
    }
    return try hub.model { progress in
      try context.checkCancellation()
      guard progress.total > 0 else { return }
      context.report(Progress(Double(progress.done), of: Double(progress.total), unit: "bytes", note: progress.file))
    }
  }
}

extension ImportCheckpoint where Kind == EncoderOnly {
  /// The encoder of a folder.
  public init(_ folder: String) { self.init(folder, as: EncoderOnly.self) }

  /// The encoder of a model on a hub.
  public init(hub name: String, revision: String = "main") {
    self.init(hub: name, revision: revision, as: EncoderOnly.self)
  }
}
