import Synchronization

extension Files {
  private static let numbers = Atomic<Int>(0)

  /// A number that this process has not used yet, for names of temporary files.
  public static func nextNumber() -> Int { numbers.wrappingAdd(1, ordering: .relaxed).newValue }
}
