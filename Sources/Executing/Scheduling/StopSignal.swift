import Synchronization

/// How urgently running stages are asked to end. It only ever grows.
enum StopLevel: Int, Comparable, Sendable {
  case none
  /// At the next checkpoint.
  case checkpoint
  /// As soon as the stage looks.
  case now

  static func < (left: StopLevel, right: StopLevel) -> Bool { left.rawValue < right.rawValue }
}

/// Asks stages to end. Read at every step of a training loop, so it is one relaxed load.
final class StopSignal: Sendable {
  private let raw = Atomic<Int>(0)

  var level: StopLevel { StopLevel(rawValue: raw.load(ordering: .relaxed)) ?? .now }

  func raise(to level: StopLevel) { raw.max(level.rawValue, ordering: .relaxed) }
}
