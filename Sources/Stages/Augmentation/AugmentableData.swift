import Declaring

/// What can be augmented: examples, or a task's splits, of which only the training part is.
public protocol AugmentableData: StageOutput {
  associatedtype Kind: TaskKind

  /// The part that examples are added to.
  static func training(of data: Ref<Self>) -> Ref<TaskData<Kind>>

  /// What is known of the whole once its training part is known.
  static func facts(_ whole: Facts, training: Facts) -> Facts

  /// The same with another training part.
  func replacingTraining(by examples: TaskData<Kind>) -> Self
}

extension TaskData: AugmentableData {
  public static func training(of data: Ref<TaskData>) -> Ref<TaskData> { data }
  public static func facts(_ whole: Facts, training: Facts) -> Facts { training }
  public func replacingTraining(by examples: TaskData) -> TaskData { examples }
}

extension TaskSplits: AugmentableData {
  public static func training(of data: Ref<TaskSplits>) -> Ref<TaskData<Kind>> { data.train }

  public static func facts(_ whole: Facts, training: Facts) -> Facts {
    var facts = whole
    facts.ports["train"] = training
    return facts
  }

  public func replacingTraining(by examples: TaskData<Kind>) -> TaskSplits {
    var copy = self
    copy.train = examples
    return copy
  }
}
