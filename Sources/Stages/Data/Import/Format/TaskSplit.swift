/// How examples of one file are shared out into parts.
public struct TaskSplit: Sendable, Hashable, Codable {
  /// Shares of the examples; training gets the rest.
  public var dev: Double
  public var test: Double

  /// - Parameters:
  ///   - dev: the share to select on.
  ///   - test: the share to report on.
  public init(dev: Double = 0.1, test: Double = 0.1) {
    self.dev = dev
    self.test = test
  }
}
