/// Why a step is executed.
public enum Reason: Sendable, Hashable {
  /// Nothing like it is known.
  case neverComputed
  /// An option, an input or the stage itself is another than in the last run.
  case changed(RecipeDifference, since: String)
  /// It was computed, but the store no longer has the result.
  case objectMissing
  /// The last run tried, and the stage failed.
  case failedBefore
  /// The last run began it and was stopped.
  case interruptedBefore
  /// Its result was computed by other code: these files changed since.
  case codeChanged([String])
  /// `--force`.
  case forced
}

extension Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .neverComputed: "never computed"
    case .changed(let difference, let label): "\(difference) (since the last run of “\(label)”)"
    case .objectMissing: "its result is no longer in the cache"
    case .failedBefore: "it failed in the last run"
    case .interruptedBefore: "the last run did not finish it"
    case .codeChanged(let files): "its code changed since: \(files.joined(separator: ", "))"
    case .forced: "forced"
    }
  }
}
