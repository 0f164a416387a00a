import Artifacts

/// Keeps publications and sweeps of the collection apart: many publications at a time, or one sweep.
enum Gate {
  /// Lets a publication through. A sweep that waits goes first, so that a stream of publications cannot starve it.
  static func pass(_ locks: FilePath) throws -> ByteLock {
    try ByteLock.wait(.shared, of: locks, at: LockByte.gate, through: LockByte.turnstile)
  }

  /// Lets a sweep through, alone.
  static func close(_ locks: FilePath) throws -> ByteLock {
    try ByteLock.wait(.exclusive, of: locks, at: LockByte.gate, through: LockByte.turnstile)
  }
}
