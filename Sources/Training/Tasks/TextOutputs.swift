import Models
import Tensors

/// The outputs of a model for whole texts, without dropout and without gradients.
///
/// Texts are taken in fixed groups, so the bits do not depend on the number of threads. This serves training (a frozen
/// teacher's targets, the score of an epoch); what is deployed runs in the inference type.
public struct TextOutputs {
  public let bert: Bert
  private let team: ThreadTeam
  private let graphs: [Graph<Float>]
  private static let groupSize = 32

  public init(_ bert: Bert, team: ThreadTeam) throws {
    self.bert = bert
    self.team = team
    graphs = try rethrowing { try (0..<team.count).map { _ in try Graph<Float>() } }
  }

  /// Logits [texts, outputs].
  public func logits(of texts: EncodedTexts, values: FlatBuffer<Float>) throws -> [Float] {
    let width = bert.head.outputs
    let result = FlatBuffer<Float>(count: texts.count * width)
    let model = ParameterBinding(bert.layout, values: values)
    let groups = (texts.count + Self.groupSize - 1) / Self.groupSize
    try rethrowing {
      try team.run(groups) { group, worker in
        let members = group * Self.groupSize..<min((group + 1) * Self.groupSize, texts.count)
        let graph = graphs[worker]
        graph.begin(recording: false)
        let batch = try texts.packed(members)
        let states = try bert.encode(batch, with: model, in: graph)
        let logits = try bert.logits(states, of: batch, with: model, in: graph)
        (result.pointer + members.lowerBound * width).update(from: logits.pointer, count: logits.count)
      }
    }
    return result[0..<result.count]
  }

  /// The share of texts whose largest output is their label's.
  public func accuracy(on texts: EncodedTexts, labels: [Int32], values: FlatBuffer<Float>) throws -> Double {
    let outputs = try logits(of: texts, values: values)
    let width = bert.head.outputs
    let hits = labels.indices.count { index in
      Self.largest(outputs[index * width..<(index + 1) * width]) == Int(labels[index])
    }
    return labels.isEmpty ? 0 : Double(hits) / Double(labels.count)
  }

  /// The place of the largest output, the first of equals.
  static func largest(_ row: ArraySlice<Float>) -> Int {
    var best = row.startIndex
    for place in row.indices where row[place] > row[best] { best = place }
    return best - row.startIndex
  }
}
