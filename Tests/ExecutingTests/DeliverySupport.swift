import Artifacts
import Declaring

@testable import Executing

/// Delivers an execution's folder; returns what went wrong.
func deliver(_ execution: Execution, to root: FilePath, from store: any ArtifactStore) -> RetortError? {
  let stage = Deliver(files: [:], destination: Destination(root.string))
  guard let delivery = Delivery(of: stage, label: "export", execution: execution) else { return nil }
  do {
    _ = try delivery.carryOut(from: store)
    return nil
  } catch {
    return RetortError(of: error, in: "export")
  }
}
