import Models
import Tensors

/// First-order importance of every head and neuron of a model (Michel et al. 2019; TextPruner, Yang et al. 2022).
///
/// A head has Σ over batches |Σ W_o · ∂L/∂W_o over its columns| ÷ examples; a neuron |Σ W2 · g| over its column, and with
/// `countsIncoming` |Σ W1 · g + b1 · g| over its row besides.
public struct UnitScores: Sendable, Hashable, Codable {
  /// [blocks][heads].
  public var heads: [[Double]]
  /// [blocks][neurons].
  public var neurons: [[Double]]

  public init(heads: [[Double]], neurons: [[Double]]) { (self.heads, self.neurons) = (heads, neurons) }

  /// Zeros for all units of a model.
  public init(zerosFor configuration: BertConfiguration) {
    let shapes = (0..<configuration.layerCount).map(configuration.blockShape)
    heads = shapes.map { [Double](repeating: 0, count: $0.headCount) }
    neurons = shapes.map { [Double](repeating: 0, count: $0.intermediateSize) }
  }

  /// What one batch adds, from the gradient of its mean loss.
  public init(
    of bert: Bert, values: FlatBuffer<Float>, gradients: FlatBuffer<Float>, countsIncoming: Bool
  ) throws(TensorError) {
    (heads, neurons) = ([], [])
    for block in 0..<bert.configuration.layerCount {
      func products(_ parameter: UnitParameter) throws(TensorError) -> [Double] {
        try bert.unitProducts(parameter, block: block, values: values, gradients: gradients)
      }
      heads.append(try products(.attentionOutput).map(abs))
      var scores = try products(.output).map(abs)
      if countsIncoming {
        let (weights, biases) = (try products(.intermediateWeight), try products(.intermediateBias))
        for neuron in scores.indices { scores[neuron] += abs(weights[neuron] + biases[neuron]) }
      }
      neurons.append(scores)
    }
  }

  public subscript(unit: PrunableUnit) -> [[Double]] { unit == .heads ? heads : neurons }

  /// Adds another batch's.
  public mutating func add(_ other: UnitScores) {
    for block in heads.indices {
      for head in heads[block].indices { heads[block][head] += other.heads[block][head] }
      for neuron in neurons[block].indices { neurons[block][neuron] += other.neurons[block][neuron] }
    }
  }

  public func divided(by count: Int) -> UnitScores {
    let divisor = Double(max(1, count))
    return UnitScores(heads: heads.map { $0.map { $0 / divisor } }, neurons: neurons.map { $0.map { $0 / divisor } })
  }

  var isFinite: Bool { (heads + neurons).allSatisfy { $0.allSatisfy(\.isFinite) } }
}
