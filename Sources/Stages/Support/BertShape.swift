import Declaring
import Models
import Training

/// The shape of a BERT that is trained from nothing: `.bert(layers: 4, hidden: 128)`.
public struct BertShape: Sendable, Hashable, Codable {
  public var layers: Int
  public var hidden: Int
  public var heads: Int
  public var intermediate: Int
  /// The longest input, in tokens.
  public var positions: Int
  /// Dropout of hidden states and of attention, in training.
  public var dropout: Double

  /// A shape; what is not given follows from the width.
  ///
  /// - Parameters:
  ///   - heads: by default heads are 64 wide from a width of 256 on and 32 below, or as near to that as divides it.
  ///   - intermediate: 4 × hidden by default.
  public static func bert(
    layers: Int, hidden: Int, heads: Int? = nil, intermediate: Int? = nil, positions: Int = 128, dropout: Double = 0.1
  ) -> BertShape {
    BertShape(
      layers: layers, hidden: hidden, heads: heads ?? standardHeads(hidden), intermediate: intermediate ?? 4 * hidden,
      positions: positions, dropout: dropout)
  }

  private static func standardHeads(_ hidden: Int) -> Int {
    let wanted = hidden >= 256 ? 64 : 32
    guard hidden > wanted else { return 1 }
    let size = stride(from: wanted, through: 1, by: -1).first { hidden % $0 == 0 } ?? hidden
    return hidden / size
  }

  /// The configuration with a vocabulary of this size.
  func configuration(vocabulary: Int) -> BertConfiguration {
    BertConfiguration(
      vocabularySize: vocabulary, hiddenSize: hidden, layerCount: layers, headCount: heads,
      intermediateSize: intermediate, maximumPositions: positions, dropout: dropout)
  }

  /// What planning knows of a model of this shape.
  var facts: Facts {
    var facts = Facts()
    facts.family = "bert"
    facts.layers = layers
    facts.hidden = hidden
    facts.heads = heads
    facts.intermediate = intermediate
    facts.positions = positions
    facts.precision = "f32"
    return facts
  }

  /// Notes what is wrong with the shape, field by field.
  func check(_ forecast: inout Forecast, field: String) {
    for (name, value, limit) in [
      ("layers", layers, 256), ("hidden", hidden, 1 << 16), ("heads", heads, 1 << 12),
      ("intermediate", intermediate, 1 << 18), ("positions", positions, 1 << 16),
    ] {
      forecast.require(
        (1...limit).contains(value), "\(field).\(name)", "It is \(value), not in 1 … \(limit).",
        remedy: "Give a positive number, as in .bert(layers: 4, hidden: 128).")
    }
    if heads > 0, hidden > 0 {
      forecast.require(
        hidden % heads == 0, "\(field).heads", "A width of \(hidden) cannot be shared by \(heads) heads.",
        remedy: "Choose a number of heads that divides \(hidden).")
    }
    forecast.require(
      dropout >= 0 && dropout < 1, "\(field).dropout", "It is \(dropout), not at least 0 and below 1.",
      remedy: "Give a share, such as 0.1.")
  }
}
