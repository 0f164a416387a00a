import Models
import Tensors

/// The outputs of a model for texts, without dropout and without gradients.
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

  /// Logits [rows, outputs]: a row a text, or for a tagger a row a token of each text.
  public func logits(of texts: EncodedTexts, values: FlatBuffer<Float>) throws -> [Float] {
    let width = bert.head.outputs
    let rows = OutputRows(of: texts, for: bert.head)
    let result = FlatBuffer<Float>(count: rows.count * width)
    let model = ParameterBinding(bert.layout, values: values)
    let groups = (texts.count + Self.groupSize - 1) / Self.groupSize
    try rethrowing {
      try team.run(groups) { group, worker in
        let members = group * Self.groupSize..<min((group + 1) * Self.groupSize, texts.count)
        let graph = graphs[worker]
        graph.begin(recording: false)
        let batch = try texts.packed(members)
        let states = try bert.encode(
          batch, with: model, in: graph, output: OutputTokens(readBy: bert.head, of: batch))
        let logits = try bert.logits(states, of: batch, with: model, in: graph)
        (result.pointer + rows[members.lowerBound].lowerBound * width).update(from: logits.pointer, count: logits.count)
      }
    }
    return result[0..<result.count]
  }
}

/// Which rows of a model's outputs belong to which text.
struct OutputRows: Sendable {
  /// Where each text's rows begin; nil where each has one.
  private let starts: [Int]?
  let count: Int

  init(of texts: EncodedTexts, for head: BertHead) { self.init(of: texts, areTokens: head.answersTokens) }

  init(of texts: EncodedTexts, areTokens: Bool) {
    guard areTokens else {
      (starts, count) = (nil, texts.count)
      return
    }
    var starts = [0]
    for ids in texts.ids { starts.append((starts.last ?? 0) + ids.count) }
    (self.starts, count) = (starts, starts.last ?? 0)
  }

  subscript(text: Int) -> Range<Int> {
    guard let starts else { return text..<text + 1 }
    return starts[text]..<starts[text + 1]
  }
}
