import Artifacts
import Foundation
import Storing

/// A small cache with every kind of record: what later versions must read for ever.
enum EarlierCache {
  /// Writes it. Three runs: one that computes, one that fails, and one that is cut short; then a collection.
  static func write(_ root: FilePath) throws {
    let cache = try Cache(root)
    let works = (0..<6).map(ProbeWork.init)
    try compute(works, in: cache)
    try fail(works, in: cache)
    // Only what the newest successful run used stays: the last two works go.
    try compute(Array(works[..<4]), in: cache)
    _ = try cache.gc(keeping: .init(runs: 1))
    let file = try cache.snapshotFile(of: ProbeWork(number: 7).recipe().key)
    let snapshot = SnapshotCodec.encode(Snapshot(["step": [1, 2, 3]]), profile: ProbeWork.request.profile)
    try Files.replace(file, with: snapshot)
    _ = try cache.beginRun(ProbeWork.request, steps: steps(works), hits: [])
    try cache.flush()
  }

  private static func steps(_ works: [ProbeWork]) throws -> [RunStep] {
    try works.map { RunStep(label: $0.label, stage: ProbeWork.stage, key: try $0.recipe().key) }
  }

  private static func compute(_ works: [ProbeWork], in cache: Cache) throws {
    var steps = try steps(works)
    let hits = try cache.executions(of: steps.compactMap(\.key), preferring: .unknown, pinnedBy: nil)
    // The hit of a work that is no step of this run is pinned by a record of its own.
    let extra = try cache.executions(of: [ProbeWork(number: 0).recipe().key], preferring: .unknown, pinnedBy: nil)
    let run = try cache.beginRun(ProbeWork.request, steps: Array(steps.dropFirst()), hits: Array(extra.values))
    var before: Execution?
    for (index, work) in works.enumerated() {
      let recipe = try work.recipe()
      var details = ExecutionDetails(startedAt: 1_700_000_000.5, seconds: 0.25 * Double(work.number), profile: profile)
      (details.threads, details.metrics) = (2, ["accuracy": 0.5, "loss": Double(work.number)])
      details.codeFingerprint = "fingerprint \(work.number)"
      if let before, let digest = before.digest(port: "") {
        details.inputs = [.init(digest: digest, execution: before.id)]
        details.children = [before.id]
      }
      let execution = try hits[recipe.key] ?? work.publish(in: cache, recipe, run, details)
      (steps[index].outcome, steps[index].execution) = (hits[recipe.key] == nil ? .ran : .cached, execution.id)
      before = execution
      Probe.say("\(work.number) \(recipe.key.digest.hex) \(execution.digest(port: "")?.hex ?? "")")
    }
    try cache.finishRun(
      run, outcome: .succeeded, steps: steps, ran: works.count - hits.count, cached: hits.count, failed: 0)
  }

  private static func fail(_ works: [ProbeWork], in cache: Cache) throws {
    var steps = try steps([ProbeWork(number: 6)])
    let run = try cache.beginRun(ProbeWork.request, steps: steps, hits: [])
    let recipe = try ProbeWork(number: 6).recipe()
    let attempt = try cache.beginAttempt(
      of: recipe.key, recipe: recipe, stage: ProbeWork.stage, label: "work-6", run: run)
    try Files.replace(attempt.log, with: Array("last words\n".utf8))
    try attempt.fail(RetortError("test.failed", "It failed.", remedy: "Mend it."))
    steps[0].outcome = .failed
    try cache.finishRun(run, outcome: .failed, steps: steps, ran: 0, cached: 0, failed: 1)
  }

  private static let profile = NumericsProfile(kernels: "avx512", blas: "none", build: "release")
}
