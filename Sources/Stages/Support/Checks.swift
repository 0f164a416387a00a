import Declaring
import Training

extension Forecast {
  /// Notes faults of training options.
  mutating func check(_ training: TrainingOptions) {
    for (field, message) in training.faults { fault(field, message, remedy: "Change this option.") }
  }

  /// Notes faults of masking options.
  mutating func check(_ masking: TokenMasking) {
    for (field, message) in masking.faults { fault("masking.\(field)", message, remedy: "Change this option.") }
  }

  /// Notes a length that no text fits in, or that a model cannot take.
  mutating func check(length: Int, positions: Int?) {
    require(
      length >= 3, "length", "A text of at most \(length) tokens has no room beside the special ones.",
      remedy: "Allow at least 3.")
    if let positions {
      require(
        length <= positions, "length", "Texts may have \(length) tokens, but the model takes \(positions).",
        remedy: "Set length to at most \(positions), or give the model more positions.")
    }
  }

  /// Notes data that lacks labels, or has fewer than two.
  mutating func check(labels: [String]?, field: String) {
    guard let labels else { return }
    require(
      labels.count >= 2, field, "The data has \(labels.count) label(s): there is nothing to choose between.",
      remedy: "Give data of at least two classes.")
  }

  /// Notes labels that differ between two inputs.
  mutating func check(_ left: Facts, _ right: Facts, field: String, _ what: String) {
    guard let first = left.labels, let second = right.labels, first != second else { return }
    fault(
      field, "\(what): the labels are \(list(first)) and \(list(second)).",
      remedy: "Use a model and data of the same task.")
  }

  private func list(_ labels: [String]) -> String { "[" + labels.joined(separator: ", ") + "]" }

  /// Notes models that do not read the same vocabulary, or probably will not.
  mutating func check(tokenizer left: Facts, and right: Facts, field: String) {
    if let first = left.tokenizer, let second = right.tokenizer {
      guard first != second else { return }
      fault(
        field, "The teacher and the student do not have the same vocabulary.",
        remedy: "Train both from one vocabulary stage, or one of them from the other; prune vocabularies afterwards.")
    } else if left.hasPrunedVocabulary != right.hasPrunedVocabulary {
      warn(
        field,
        "One of teacher and student has a pruned vocabulary; if words are missing there, distillation will fail.",
        remedy: "Prune the vocabulary after distillation: distil, prune heads and neurons, prune words, quantize.")
    }
  }

  /// Notes a model that is no f32 BERT, which training needs.
  mutating func check(trainable model: Facts, field: String) {
    if let precision = model.precision {
      require(
        precision == "f32", field, "The model is \(precision): it cannot be trained.",
        remedy: "Take the model before quantization.")
    }
  }
}
