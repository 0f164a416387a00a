import Artifacts

/// Why a stage of a run was computed, or was not.
public struct Explanation: Sendable {
  public enum Reason: Sendable {
    /// An earlier execution had the same key.
    case cached(since: RunID?)
    /// No earlier run had anything to compare it with.
    case first
    /// These components differ from those of `label` in `run`; source files of the stage, where the recipe is the same.
    case changed([RecipeDifference.Change], since: RunID, label: String)
    /// Key and code are those of the earlier run, which has no result of it any more, or computing was forced.
    case again(since: RunID)
    /// Key and code are those of the earlier run, which tried and had no result.
    case attempted(since: RunID)
    /// The run never came so far, or has not come so far yet.
    case notReached
  }

  public var label: String
  public var run: RunID
  public var outcome: StepOutcome
  public var reason: Reason
  /// For changed inputs: the stages above whose own options, files, versions or code changed, nearest first.
  public var causes: [Cause] = []

  /// A stage that changed by itself.
  public struct Cause: Sendable {
    public var label: String
    public var changes: [RecipeDifference.Change]
  }
}

extension Explanation: CustomStringConvertible {
  public var description: String {
    var lines: [String]
    switch reason {
    case .cached(let since):
      lines = ["“\(label)” was cached in run \(run)\(since.map { ": run \($0) computed it" } ?? "")."]
    case .first: lines = ["“\(label)” ran in run \(run): no earlier run had such a stage."]
    case .again(let since):
      lines = [
        "“\(label)” ran in run \(run) with the same recipe as in run \(since): it was forced, or its result was gone."
      ]
    case .attempted(let since):
      lines = ["“\(label)” ran in run \(run) with the same recipe as in run \(since), which did not finish it."]
    case .notReached:
      lines = [
        outcome == .pending
          ? "Run \(run) has no result of “\(label)”: it still goes on, or was cut short."
          : "Run \(run) did not come as far as “\(label)”."
      ]
    case .changed(let changes, let since, let old):
      let name = old == label ? "run \(since)" : "“\(old)” of run \(since)"
      lines = ["“\(label)” ran in run \(run), for since \(name) there changed:"] + changes.map { "  \($0)" }
    }
    for cause in causes {
      lines.append("because in “\(cause.label)” there changed:")
      lines += cause.changes.map { "  \($0)" }
    }
    return lines.joined(separator: "\n")
  }
}
