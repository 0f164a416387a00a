import Declaring
import Models
import Tensors
import Training

/// A task's examples, encoded, with their labels.
struct EncodedTask {
  var texts: EncodedTexts
  /// −100 where an example has none.
  var labels: [Int32]
  var names: [String]

  init(_ data: TaskData<Classification>, by tokenizer: some Tokenizer, length: Int) throws {
    let schema = try data.schema()
    let examples = try data.examples()
    texts = try EncodedTexts(examples, by: tokenizer, longest: length)
    labels = examples.map(\.labelOrIgnored)
    names = schema.labels
  }
}

extension EncodedTask {
  /// What a trainer asks after each epoch: the accuracy on these examples; nil where there are none.
  func score(by outputs: TextOutputs) -> ((FlatBuffer<Float>) throws -> Double)? {
    texts.count == 0 ? nil : { try outputs.accuracy(on: texts, labels: labels, values: $0) }
  }
}

/// What a classifier learns from and is selected on, encoded and checked.
struct TaskPreparation {
  var train: EncodedTask
  var dev: EncodedTask

  /// - Throws: `train.empty`, `train.labels` and the like: where there is nothing to learn from, or the parts differ.
  init(
    train: Ref<TaskData<Classification>>, dev: Ref<TaskData<Classification>>, tokenizer: some Tokenizer, length: Int,
    in context: StageContext
  ) throws {
    self.train = try EncodedTask(context.load(train), by: tokenizer, length: length)
    self.dev = try EncodedTask(context.load(dev), by: tokenizer, length: length)
    try self.train.requireUsable(for: "train")
    try self.dev.requireSameLabels(as: self.train.names, part: "dev")
    let truncated = self.train.texts.truncated
    if truncated > 0 { context.log("\(truncated) texts were cut to \(length) tokens") }
  }
}

extension EncodedTask {
  /// - Throws: where there is nothing to learn from.
  func requireUsable(for part: String) throws {
    guard texts.count > 0 else {
      throw RetortError(
        "training.empty", "There are no examples to train on.", remedy: "Check the data that goes into this stage.",
        at: Place(field: part))
    }
    guard names.count >= 2 else {
      throw RetortError(
        "data.one-class", "There are fewer than two classes to choose between.",
        remedy: "Give examples of at least two classes.", at: Place(field: part))
    }
  }

  /// - Throws: where this part's labels are others.
  func requireSameLabels(as labels: [String], part: String) throws {
    guard names == labels || texts.count == 0 else {
      throw RetortError(
        "data.labels", "The labels are \(names), not \(labels).", remedy: "Use parts of one task.",
        at: Place(field: part))
    }
  }
}
