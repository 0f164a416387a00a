import Declaring
import Training

/// The texts of a task as a corpus, for a vocabulary or for masked-language modelling in the task's own domain.
public struct TaskText<Kind: TaskKind>: Stage {
  public static var id: String { "data.task-text" }
  public static var version: Int { 1 }

  var data: Ref<TaskData<Kind>>

  /// - Parameter data: usually the training part alone: texts to test on should stay unseen.
  public init(_ data: Ref<TaskData<Kind>>) { self.data = data }

  public func run(_ context: StageContext) async throws -> Corpus {
    let corpus = try CorpusWriter(to: context.folder())
    try context.load(data).forEachExample { example in
      try corpus.append(example.text)
      if let pair = example.pair { try corpus.append(pair) }
    }
    return try corpus.finish()
  }
}
