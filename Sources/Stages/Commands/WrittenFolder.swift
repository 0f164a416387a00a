import Declaring
import Models
import Training

/// A folder that another program wrote, read as the kind of artifact that it is meant to be.
struct WrittenFolder {
  let folder: FilePath
  let kind: String

  init(_ folder: FilePath, kind: String) { (self.folder, self.kind) = (folder, kind) }

  /// Reads all of it with the kind's own reader, and says what is known of it. Kinds of other packages have none: they
  /// are read by whoever opens them.
  ///
  /// - Throws: what the readers throw.
  func facts() throws -> Facts {
    if kind == Corpus.kind { return try corpus() }
    if kind == Vocabulary.kind { return try vocabulary() }
    if let task = Self.tasks.first(where: { "data.\($0.name)" == kind }) { return try examples(for: task.name) }
    if let model = Self.models.first(where: { "model.\($0.name)" == kind }) { return try checkpoint(model) }
    return .unknown
  }

  private static let tasks: [any TaskKind.Type] = [
    Classification.self, Regression.self, Tagging.self, Ranking.self, AnyTask.self,
  ]
  private static let models: [any CheckpointKind.Type] = [
    EncoderOnly.self, MaskedLM.self, Classifier.self, Regressor.self, Tagger.self, Ranker.self,
  ]

  private func corpus() throws -> Facts {
    var count = 0
    try Corpus(folder: folder).forEachPassage { if !$0.isEmpty { count += 1 } }
    guard count > 0 else { throw RetortError("data.empty", "There is no text in it.", blame: .stage) }
    var facts = Facts()
    facts.examples = count
    return facts
  }

  private func vocabulary() throws -> Facts {
    let tokenizer = try TokenizerFolder.read(folder)
    var facts = Facts()
    facts.vocabulary = tokenizer.vocabularySize
    facts.tokenizer = tokenizer.digest.hex
    return facts
  }

  private func examples(for task: String) throws -> Facts {
    let data = TaskData<AnyTask>(folder: folder)
    let schema = try data.schema()
    guard schema.kind == task || task == AnyTask.name else {
      throw RetortError("data.schema", "The examples are for “\(schema.kind)”, not “\(task)”.", blame: .stage)
    }
    try data.forEachExample { _ in }
    var facts = Facts()
    facts.labels = schema.labels.isEmpty ? nil : schema.labels
    facts.examples = schema.examples
    facts.isPaired = schema.isPaired
    return facts
  }

  private func checkpoint<Kind: CheckpointKind>(_ type: Kind.Type) throws -> Facts {
    let stored = try FolderConfiguration(folder: folder)
    if let problem = Kind.problem(with: stored.head) {
      throw RetortError("import.head", problem.message, blame: .stage)
    }
    guard stored.form == .dense else { return Facts(of: stored.configuration) }
    return try CheckpointFolder.read(folder, head: Kind.requestedHead).facts
  }
}
