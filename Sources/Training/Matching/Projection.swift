import Models
import Tensors

/// A learned layer that brings the student's states to the teacher's width: activation(W · state + b).
///
/// It is trained beside the student, at a rate of its own where a `LayerGroup` with its prefix says so, and left behind
/// afterwards: no student that is written holds one. Weights start as N(0, 0.02), biases as 0.
public struct Projection: Sendable, Hashable, Codable {
  public var name: String
  public var hasBias: Bool
  public var activation: Activation

  public init(_ name: String, hasBias: Bool = true, activation: Activation = .identity) {
    self.name = name
    self.hasBias = hasBias
    self.activation = activation
  }

  /// What the names of all projections' parameters begin with.
  public static let prefix = "projection."

  static func weight(_ name: String) -> String { "\(prefix)\(name).weight" }
  static func bias(_ name: String) -> String { "\(prefix)\(name).bias" }
}

/// Which projection a match uses.
public enum ProjectionUse: Sendable, Hashable, Codable {
  /// States are compared as they are: both models have the same width.
  case none
  /// One for all layers of the match, and of every other match that names it.
  case shared(String)
  /// One for each layer of the match.
  case perLayer(String)

  var name: String? {
    switch self {
    case .none: nil
    case .shared(let name), .perLayer(let name): name
    }
  }

  /// The projection's name for one layer, given by its place in the list of the student's hidden states.
  func name(at layer: HiddenIndex) -> String? {
    if case .perLayer(let name) = self { "\(name).\(layer.value)" } else { name }
  }
}

extension ParameterLayout {
  /// The layout with a projection's parameters behind its own.
  mutating func append(_ projection: Projection, named name: String, from width: Int, to target: Int)
    throws(TensorError)
  {
    guard self[Projection.weight(name)] == nil else { return }
    try append(Projection.weight(name), [target, width])
    if projection.hasBias { try append(Projection.bias(name), [target]) }
  }

  /// Draws the projections' first values; each parameter has a stream of its own.
  func initialiseProjections(of values: FlatBuffer<Float>, seed: UInt64) {
    for (index, entry) in entries.enumerated() where entry.name.hasPrefix(Projection.prefix) {
      guard entry.name.hasSuffix("weight") else { continue }
      var random = RandomStream(seed: seed, purpose: .initialisation, step: index)
      for place in entry.range { values.pointer[place] = Float(0.02 * random.normal()) }
    }
  }
}
