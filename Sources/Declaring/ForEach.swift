/// A stage for each of some values, labelled by them.
///
/// ```swift
/// let pruned = ForEach("pruned", over: [0.3, 0.5]) { share in Prune(student, on: task, .ffn(removing: share)) }
/// let small = stage("small", Best(of: pruned.results, by: .accuracy, on: task.dev))
/// ```
/// The stages are “pruned-0.3” and “pruned-0.5”. A value that is added runs one stage; those that are there are cached.
public struct ForEach<Value, Output: StageOutput> {
  public let values: [Value]
  /// A result for each value, in order.
  public let results: [Ref<Output>]

  /// - Parameters:
  ///   - label: the beginning of the labels.
  ///   - name: what a label says of a value; by default the value as text.
  public init<S: Stage>(
    _ label: String, over values: [Value], named name: (Value) -> String = { "\($0)" }, _ make: (Value) -> S
  ) where S.Output == Output {
    self.values = values
    results = values.map { stage("\(label)-\(name($0))", make($0)) }
  }
}

extension PipelineBuilder {
  public static func buildExpression<Value, Output>(_ each: ForEach<Value, Output>) -> [Edge] {
    each.results.map(\.edge)
  }
}

extension RefBuilder {
  public static func buildExpression<Value>(_ each: ForEach<Value, Output>) -> [Ref<Output>] { each.results }
}
