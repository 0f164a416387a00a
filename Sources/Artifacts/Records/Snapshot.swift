/// The whole state of a stage that can go on later: named sections of bytes.
///
/// A training stage puts its weights, moments, counters and cursors in it, and nothing that it could compute again.
public struct Snapshot: Sendable, Hashable {
  public var sections: [String: [UInt8]]

  public init(_ sections: [String: [UInt8]] = [:]) { self.sections = sections }
}
