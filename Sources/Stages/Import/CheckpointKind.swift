import Declaring
import Models

/// A kind of model that a checkpoint can be imported as.
public protocol CheckpointKind: ModelKind {
  /// The head to read, whatever stands in the folder; nil for the folder's own.
  static var requestedHead: BertHead? { get }
  /// Why a folder with this head is none of the kind, and what helps; nil where it is.
  static func problem(with head: BertHead) -> CheckpointProblem?
}

/// What is wrong with a checkpoint, and what helps.
public struct CheckpointProblem: Sendable, Hashable {
  public var message: String
  public var remedy: String
}

extension CheckpointKind {
  public static var requestedHead: BertHead? { nil }

  fileprivate static func missing(_ wanted: String, in head: BertHead, _ remedy: String) -> CheckpointProblem {
    CheckpointProblem(message: "The checkpoint has \(head.phrase), no \(wanted).", remedy: remedy)
  }
}

extension EncoderOnly: CheckpointKind {
  public static var requestedHead: BertHead? { .encoder }
  public static func problem(with head: BertHead) -> CheckpointProblem? { nil }
}

extension MaskedLM: CheckpointKind {
  public static func problem(with head: BertHead) -> CheckpointProblem? {
    guard head != .maskedLM else { return nil }
    return missing(
      "masked-LM head", in: head,
      "Import it without `as:`, and train such a head on raw text: Pretrain(base, heads: .maskedLM, on: corpus).")
  }
}

extension Classifier: CheckpointKind {
  public static func problem(with head: BertHead) -> CheckpointProblem? {
    if case .classifier = head { return nil }
    return missing(
      "classifier of texts", in: head,
      "Import it without `as:`, and train a classifier on labelled texts: FineTune(base, on: task).")
  }
}

extension Regressor: CheckpointKind {
  public static func problem(with head: BertHead) -> CheckpointProblem? {
    head == .regression
      ? nil : missing("head for a number", in: head, "Import it without `as:`, and train one on labelled texts.")
  }
}

extension Ranker: CheckpointKind {
  public static func problem(with head: BertHead) -> CheckpointProblem? {
    head == .regression
      ? nil : missing("head for relevance", in: head, "Import it without `as:`, and train one on ranked passages.")
  }
}

extension Tagger: CheckpointKind {
  public static func problem(with head: BertHead) -> CheckpointProblem? {
    if case .tagger = head { return nil }
    return missing("head that labels tokens", in: head, "Import it without `as:`, and train one on tagged texts.")
  }
}

extension BertHead {
  /// With an article, for a sentence.
  fileprivate var phrase: String {
    switch self {
    case .encoder: "no head"
    case .maskedLM: "a masked-LM head"
    case .classifier(let labels): "a classifier of \(labels) labels"
    case .regression: "a head for one number"
    case .tagger(let labels): "a head of \(labels) labels a token"
    }
  }
}
