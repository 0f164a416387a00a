import Artifacts
import Inspecting
import Storing

/// Which results an audit looks at.
enum AuditSample {
  /// The results that the newest run of each pipeline used, each once, with their labels.
  static func results(of pipeline: String?, in cache: Cache) throws -> [(label: String, execution: Execution)] {
    var pipelines: Set<String> = []
    var keys: Set<Key> = []
    var found: [(label: String, execution: Execution)] = []
    for run in try cache.runs(limit: 200) where pipeline == nil || run.request.pipeline == pipeline {
      // A run that ended well knows all of its steps.
      guard run.outcome == .succeeded, pipelines.insert(run.request.pipeline).inserted else { continue }
      for step in try cache.steps(of: run.id) {
        guard let key = step.key, let id = step.execution, keys.insert(key).inserted,
          let execution = try cache.execution(id, of: key)
        else { continue }
        found.append((step.label, execution))
      }
    }
    return found
  }

  /// Whether a key belongs to a share of all: each for itself, so that a greater share holds a smaller one.
  static func isChosen(_ key: Key, share: Double, seed: UInt64) -> Bool {
    var bytes = key.digest.bytes
    withUnsafeBytes(of: seed.littleEndian) { bytes.append(contentsOf: $0) }
    let word = Digest(of: bytes).bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Double(word >> 11) / 0x1p53 < share
  }
}
