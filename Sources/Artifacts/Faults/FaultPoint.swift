import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A named instant at which a test may kill this process, to prove that a crash there loses nothing.
///
/// `RETORT_KILL_AT=object.rename:3` sends SIGKILL to the process when it passes the point `object.rename` for the third
/// time. Without the variable a point costs one comparison.
public enum FaultPoint {
  private static let target: (name: String, count: Int)? = {
    guard let raw = getenv("RETORT_KILL_AT") else { return nil }
    let parts = String(cString: raw).split(separator: ":")
    guard let name = parts.first else { return nil }
    return (String(name), parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
  }()
  private static let passed = Atomic<Int>(0)

  /// Marks the instant; does not return if it is the one to die at.
  public static func pass(_ name: StaticString) {
    guard let target, target.name == name.description else { return }
    if passed.wrappingAdd(1, ordering: .relaxed).newValue == target.count { kill(getpid(), SIGKILL) }
  }
}
