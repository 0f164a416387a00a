import Artifacts

/// What crashes and old runs left behind beside the objects.
struct Leftovers {
  private(set) var paths: [(WritableKeyPath<CollectionReport, Int>, [FilePath])] = []

  init(_ cache: Cache, _ marking: Marking) throws {
    let layout = cache.layout
    paths.append(
      (
        \.staging,
        try Files.namesIfThere(in: layout.staging).filter { name in
          try Int64(name).map { try !cache.isAlive(RunID($0)) } ?? true
        }.map(layout.staging.appending)
          // A rebuild that was killed: while this process has the cache open there is no other.
          + ["", "-wal", "-shm"].map { FilePath(layout.index.string + ".new" + $0) }.filter {
            try Files.status(of: $0) != nil
          }
      ))
    paths.append(
      (
        \.checkpoints,
        try Files.namesIfThere(in: layout.checkpoints).filter { name in
          guard let key = Self.key(ofCheckpoint: name) else { return true }
          guard try !ByteLock.isHeld(layout.locks, at: LockByte.key(key)) else { return false }
          // A whole snapshot of a key that is still wanted is what the next run resumes from.
          let isWanted = !name.hasPrefix(".") && marking.keys.contains(key)
          return try !isWanted || cache.index.access { try !$0.executions(of: key).isEmpty }
        }.map(layout.checkpoints.appending)
      ))
    paths.append(
      (
        \.logs,
        try Files.namesIfThere(in: layout.logs).filter { name in
          Int64(name).map { !marking.runs.contains(RunID($0)) } ?? true
        }.map(layout.logs.appending)
      ))
  }

  /// The key in the name of a snapshot, or of the temporary file that becomes one.
  static func key(ofCheckpoint name: String) -> Key? {
    let bare = name.hasPrefix(".") ? name.dropFirst() : Substring(name)
    return bare.split(separator: ".").first.flatMap { Digest(hex: $0) }.map(Key.init)
  }
}
