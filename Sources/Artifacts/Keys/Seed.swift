/// The seed of a stochastic stage: its own, or the run's `--seed`. The key holds the number either way.
public enum Seed: Hashable, Sendable, CanonicallyEncodable, ExpressibleByIntegerLiteral {
  case standard
  case fixed(UInt64)

  public init(integerLiteral value: UInt64) { self = .fixed(value) }

  /// The number that it stands for in a run whose default is `standard`.
  public func resolved(standard: UInt64) -> UInt64 {
    switch self {
    case .standard: standard
    case .fixed(let value): value
    }
  }

  public func encodeCanonically(into slot: CanonicalSlot) throws {
    try slot.write(resolved(standard: slot.defaultSeed))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .standard: try container.encodeNil()
    case .fixed(let value): try container.encode(value)
    }
  }
}
