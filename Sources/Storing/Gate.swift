import Artifacts

/// Keeps publications and sweeps of the collection apart: many publications at a time, or one sweep.
enum Gate {
  /// Lets a publication through. A sweep that waits goes first, so that a stream of publications cannot starve it.
  static func pass(_ locks: LockFile) throws -> ByteLock {
    try locks.wait(.shared, at: LockByte.gate, through: LockByte.turnstile)
  }

  /// Lets a sweep through, alone.
  static func close(_ locks: LockFile) throws -> ByteLock {
    try locks.wait(.exclusive, at: LockByte.gate, through: LockByte.turnstile)
  }
}
