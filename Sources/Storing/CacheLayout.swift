import Artifacts

/// Where things lie in a cache's folder.
struct CacheLayout: Sendable {
  let root: FilePath

  /// Everything that happened, in order: the truth, from which the index is rebuilt.
  var journal: FilePath { root.appending("journal") }
  /// What is asked for quickly, derived from the journal.
  var index: FilePath { root.appending("index.sqlite") }
  /// A file whose bytes are locked and never written. It must never be unlinked.
  var locks: FilePath { root.appending("locks") }
  /// Published content, by digest, read-only.
  var objects: FilePath { root.appending("objects") }
  /// What stages are writing, one folder a run.
  var staging: FilePath { root.appending("staging") }
  /// Snapshots of stages that are not finished, by key.
  var checkpoints: FilePath { root.appending("checkpoints") }
  /// Logs of attempts, one folder a run.
  var logs: FilePath { root.appending("logs") }
  /// Objects whose bytes were found changed.
  var quarantine: FilePath { root.appending("quarantine") }

  func object(_ digest: Digest) -> FilePath {
    let hex = digest.hex
    return objects.appending(String(hex.prefix(2))).appending(String(hex.dropFirst(2)))
  }

  /// The digest in the path of an object; nil for a path elsewhere.
  func digest(ofObject path: FilePath) -> Digest? {
    let relative = path.lexicallyNormalized()
    var parent = objects.lexicallyNormalized()
    guard relative.starts(with: parent) else { return nil }
    let names = relative.components.dropFirst(parent.components.count).map(\.string)
    parent = relative
    guard names.count == 2 else { return nil }
    return Digest(hex: names[0] + names[1])
  }

  func staging(of run: RunID) -> FilePath { staging.appending(run.description) }
  func logs(of run: RunID) -> FilePath { logs.appending(run.description) }
  func checkpoint(of key: Key) -> FilePath { checkpoints.appending(key.description) }
}

/// The bytes of `locks` and what holding them means.
enum LockByte {
  /// In the journal's own file: the right to append.
  static let append: Int64 = 0
  /// A sweep on its way in: publications queue behind it.
  static let turnstile: Int64 = 1
  /// Shared by publications, exclusive for a sweep of the collection.
  static let gate: Int64 = 2
  /// Held while the index is replaced.
  static let rebuild: Int64 = 3

  /// A run that is alive.
  static func run(_ run: RunID) -> Int64 { (1 << 40) + run.value }

  /// A device that a stage uses.
  static func device(_ device: Device) -> Int64 {
    let digest = Digest(of: Array("\(device.name)\u{0}\(device.id)".utf8))
    return (1 << 60) | Int64(truncatingIfNeeded: digest.fourWords.0 >> 4)
  }

  /// A key that is being computed. Two keys that share 61 bits would wait for each other, no worse.
  static func key(_ key: Key) -> Int64 { (1 << 61) | Int64(truncatingIfNeeded: key.digest.fourWords.0 >> 3) }
}

extension Cache {
  /// Whether a folder holds a cache that this process may write, as far as the journal's rights tell.
  public static func isThere(in root: FilePath) -> Bool { Files.isWritable(CacheLayout(root: root).journal) }
}
