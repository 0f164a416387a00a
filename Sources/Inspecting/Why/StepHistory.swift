import Artifacts
import Storing

/// What earlier runs of a pipeline had under each label, read as far as a question needs.
final class StepHistory {
  struct Entry {
    var run: RunID
    var step: RunStep
  }

  private let cache: Cache
  private var waiting: ArraySlice<RunID>
  private var read: [RunSteps] = []
  private var known: Set<Digest> = []
  private var byStage: [String: [Entry]]?

  /// - Parameter runs: the newest first.
  init(_ cache: Cache, _ runs: [RunID]) { (self.cache, waiting) = (cache, runs[...]) }

  /// The newest step with a label that had a result; where there is none, the newest that had a key.
  func entry(labelled label: String) throws -> Entry? {
    var position = 0
    var attempt: Entry?
    while let steps = try steps(position) {
      position += 1
      guard let step = try steps.step(labelled: label), step.key != nil else { continue }
      if step.execution != nil { return Entry(run: steps.run, step: step) }
      attempt = attempt ?? Entry(run: steps.run, step: step)
    }
    return attempt
  }

  /// The newest steps of a stage that had a result, one for each label.
  func entries(of stage: String) throws -> [Entry] {
    if let byStage { return byStage[stage] ?? [] }
    var found: [String: [Entry]] = [:]
    var labels: Set<String> = []
    var position = 0
    while let steps = try steps(position) {
      position += 1
      for step in try steps.all
      where step.key != nil && step.execution != nil && labels.insert(step.label).inserted {
        found[step.stage.id, default: []].append(Entry(run: steps.run, step: step))
      }
    }
    byStage = found
    return found[stage] ?? []
  }

  private func steps(_ position: Int) throws -> RunSteps? {
    while read.count <= position, let run = waiting.popFirst() {
      guard let steps = try cache.runSteps(of: run, besides: known) else { continue }
      known.insert(steps.digest)
      read.append(steps)
    }
    return read.indices.contains(position) ? read[position] : nil
  }
}
