import Declaring
import Models
import Tensors
import Training

/// What a model learns from and is selected on, encoded and checked.
struct TaskPreparation {
  var train: TaskExamples
  var dev: TaskExamples

  /// - Parameters:
  ///   - holdout: rows of `train` that join `dev`.
  ///   - seed: draws them.
  /// - Throws: `training.empty`, `data.labels` and the like: where there is nothing to learn from, or the parts differ.
  init<Kind: LearnableTask>(
    train: Ref<TaskData<Kind>>, dev: Ref<TaskData<Kind>>, tokenizer: some Tokenizer, length: Int,
    holdout: Holdout? = nil, seed: UInt64 = 0, in context: StageContext
  ) throws {
    let (schema, devSchema) = (try context.load(train).schema(), try context.load(dev).schema())
    let names = schema.labels
    var (rows, held) = (try context.load(train).examples(), try context.load(dev).examples())
    guard devSchema.labels == names || held.isEmpty else {
      throw RetortError(
        "data.labels", "The labels are \(devSchema.labels), not \(names).", remedy: "Use parts of one task.",
        at: Place(field: "dev"))
    }
    var missed = devSchema.unretrieved ?? [:]
    if let out = holdout?.heldOut(of: rows, dev: held.count, form: Kind.form, seed: seed) {
      let more = rows.indices.filter { out[$0] }
      context.log("\(more.count) of \(rows.count) training examples join the \(held.count) of dev")
      context.record("held out", Double(more.count))
      // Files number their queries each by itself: those of the training part stay apart.
      held += more.map { index in
        var row = rows[index]
        if Kind.form == .ranking { row.group = "train/\(row.group ?? row.text)" }
        return row
      }
      let groups = Set(more.map { rows[$0].group ?? rows[$0].text })
      for (group, grades) in schema.unretrieved ?? [:] where groups.contains(group) {
        missed["train/\(group)"] = grades
      }
      rows = rows.indices.filter { !out[$0] }.map { rows[$0] }
    }
    self.train = try TaskExamples(rows, form: Kind.form, names: names, by: tokenizer, length: length)
    self.dev = try TaskExamples(held, form: Kind.form, names: names, by: tokenizer, length: length)
    self.dev.missed = missed
    try self.train.requireUsable(for: "train")
    let truncated = self.train.texts.truncated
    if truncated > 0 { context.log("\(truncated) texts were cut to \(length) tokens") }
  }
}

extension TaskExamples {
  /// Examples of one part of a task.
  init<Kind: LearnableTask>(_ data: TaskData<Kind>, by tokenizer: some Tokenizer, length: Int) throws {
    try self.init(
      data.examples(), form: Kind.form, names: data.schema().labels, by: tokenizer, length: length)
  }

  /// - Throws: where there is nothing to learn from.
  func requireUsable(for part: String) throws {
    guard texts.count > 0 else {
      throw RetortError(
        "training.empty", "There are no examples to train on.", remedy: "Check the data that goes into this stage.",
        at: Place(field: part))
    }
    guard !form.hasLabels || names.count >= 2 else {
      throw RetortError(
        "data.one-class", "There are fewer than two classes to choose between.",
        remedy: "Give examples of at least two classes.", at: Place(field: part))
    }
    guard form.hasLabels || unlabelled == 0 else {
      throw RetortError(
        "data.unlabelled", "\(unlabelled) of \(texts.count) examples have no value.",
        remedy: "Give each example one.", at: Place(field: part))
    }
  }
}
