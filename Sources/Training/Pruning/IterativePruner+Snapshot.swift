import Artifacts
import FoundationEssentials

extension IterativePruner {
  private static var section: String { "state" }

  /// Everything that the rest of the pruning depends on and that could not be computed again.
  public func snapshot() throws -> Snapshot {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return Snapshot([Self.section: Array(try encoder.encode(state))])
  }

  /// Goes back to where a snapshot of the same pruning was taken.
  ///
  /// - Throws: `training.snapshot` where it belongs to another run; nothing has changed then.
  public func restore(_ snapshot: Snapshot) throws {
    guard let bytes = snapshot.sections[Self.section],
      let state = try? JSONDecoder().decode(PruningState.self, from: Data(bytes)), fits(state)
    else {
      throw RetortError(
        "training.snapshot", "The checkpoint does not belong to this pruning.",
        remedy: "Run with --force to start anew.", blame: .internal)
    }
    go(on: state)
  }
}
