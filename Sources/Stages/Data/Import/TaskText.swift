import Declaring
import Training

/// The texts of a task as a corpus, for a vocabulary or for masked-language modelling in the task's own domain.
public struct TaskText: Stage {
  public static let id = "data.task-text"
  public static let version = 1

  var data: Ref<TaskData<Classification>>

  /// - Parameter data: usually the training part alone: texts to test on should stay unseen.
  public init(_ data: Ref<TaskData<Classification>>) { self.data = data }

  public func run(_ context: StageContext) async throws -> Corpus {
    let examples = try context.load(data).examples()
    return try Corpus(writing: examples.flatMap { [$0.text] + ($0.pair.map { [$0] } ?? []) }, to: context.folder())
  }
}
