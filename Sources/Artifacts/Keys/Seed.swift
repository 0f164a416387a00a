/// The seed of a stochastic stage: its own, or the run's `--seed`. The key holds the number either way.
public enum Seed: Hashable, Sendable, CanonicallyEncodable, Decodable, ExpressibleByIntegerLiteral {
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

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self = container.decodeNil() ? .standard : .fixed(try container.decode(UInt64.self))
  }

  public func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    var container = encoder.singleValueContainer()
    switch self {
    case .standard: try container.encodeNil()
    case .fixed(let value): try container.encode(value)
    }
  }
}
