import Foundation

/// How much is tried at random: `make chaos` sets `RETORT_CHAOS`.
public enum Chaos {
  public static let isOn = ProcessInfo.processInfo.environment["RETORT_CHAOS"] != nil

  /// A tenth of what is tried as a rule in debug, where it would take minutes.
  public static func count(_ usual: Int, chaos: Int) -> Int {
    if isOn { return chaos }
    #if DEBUG
      return max(5, usual / 10)
    #else
      return usual
    #endif
  }
}
