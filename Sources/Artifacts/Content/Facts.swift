/// What is known about an artifact before or after it exists. Nil means unknown, which is always legal.
///
/// Stages forecast facts from those of their inputs; finished artifacts state theirs; planning compares them.
public struct Facts: Hashable, Sendable, Codable {
  // A model's shape.
  public var family: String?
  public var layers: Int?
  public var hidden: Int?
  public var heads: Int?
  public var intermediate: Int?
  public var vocabulary: Int?
  /// The longest input, in tokens.
  public var positions: Int?
  public var parameters: Int?
  /// The digest of the tokenizer's vocabulary, hexadecimal.
  public var tokenizer: String?
  /// The numbers' form, such as `f32` or `int8`.
  public var precision: String?

  // A task's or a data set's shape.
  public var labels: [String]?
  public var examples: Int?
  /// Whether examples are pairs of texts.
  public var isPaired: Bool?

  /// Facts of other packages' artifacts.
  public var other: [String: String] = [:]
  /// The facts of a bundle's parts, by port.
  public var ports: [String: Facts] = [:]

  public init() {}

  public static let unknown = Facts()

  /// The facts of a part of a bundle, or these.
  public func port(_ name: String) -> Facts { name.isEmpty ? self : ports[name] ?? .unknown }
}
