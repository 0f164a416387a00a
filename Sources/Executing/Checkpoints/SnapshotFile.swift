import Declaring

/// A snapshot on disk, whole or not at all, in the form of `SnapshotCodec`.
enum SnapshotFile {
  /// Bytes written at a time, so that a test can end the process in the midst of a large snapshot.
  private static let piece = 4 << 20

  /// Replaces the file at `path`; a kill at any instant leaves the old one or the new one. Returns its size in bytes.
  static func write(_ snapshot: Snapshot, profile: NumericsProfile, to path: FilePath) throws -> Int {
    let bytes = SnapshotCodec.encode(snapshot, profile: profile)
    let parent = path.removingLastComponent()
    let temporary = temporary(of: path)
    FaultPoint.pass("checkpoint.begin")
    do {
      let file = try OpenFile(temporary, .replacing)
      try bytes.withUnsafeBytes { all in
        var offset = 0
        while offset < all.count {
          // The first piece is small: then every snapshot, however small, is written in two at least.
          let count = min(offset == 0 ? 16 : piece, all.count - offset)
          try file.write(UnsafeRawBufferPointer(rebasing: all[offset..<offset + count]), at: offset)
          offset += count
          FaultPoint.pass("checkpoint.piece")
        }
      }
      try file.sync()
      FaultPoint.pass("checkpoint.written")
      try Files.rename(temporary, to: path)
      FaultPoint.pass("checkpoint.replaced")
      try Files.syncFolder(parent)
    } catch {
      try? Files.remove(temporary)
      throw error
    }
    return bytes.count
  }

  /// Removes the snapshot, and what a kill left of one.
  static func remove(_ path: FilePath) throws {
    try Files.remove(path)
    try Files.remove(temporary(of: path))
  }

  /// One name for all attempts, so that snapshots which were never finished do not pile up; the key's lease keeps others
  /// away from it.
  private static func temporary(of path: FilePath) -> FilePath {
    path.removingLastComponent().appending(".\(path.lastComponent?.string ?? "snapshot").part")
  }

  /// What an attempt to read gave.
  enum Reading {
    case snapshot(Snapshot)
    /// There is none.
    case missing
    /// There is one that must not be used, and why.
    case unusable(String)
  }

  /// Reads a snapshot, if it is whole and was written under the same numerics profile.
  static func read(_ path: FilePath, profile: NumericsProfile) -> Reading {
    do {
      guard try Files.status(of: path) != nil else { return .missing }
      let (snapshot, found) = try SnapshotCodec.decode(Files.read(path))
      guard found == profile else {
        return .unusable(
          "A checkpoint was written under another numerics profile (\(text(found)); here: \(text(profile))).")
      }
      return .snapshot(snapshot)
    } catch let error as RetortError {
      return .unusable(error.message)
    } catch {
      return .unusable("A checkpoint cannot be read: \(error)")
    }
  }

  private static func text(_ profile: NumericsProfile) -> String {
    "\(profile.kernels), \(profile.blas), \(profile.build)"
  }
}
