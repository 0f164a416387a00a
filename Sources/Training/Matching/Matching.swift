import Artifacts
import Models
import Tensors

/// A frozen teacher whose inner states a student is compared with, and the projections between them.
public struct Matching: Sendable {
  public let teacher: Bert
  public let teacherValues: FlatBuffer<Float>
  /// The student's parameters, and behind them those of the projections.
  public let layout: ParameterLayout
  let matches: [ResolvedMatch]
  let projections: [String: Projection]

  /// A match with its layers.
  struct ResolvedMatch: Sendable {
    var match: Match
    var pairs: [LayerPair]
  }

  /// - Parameters:
  ///   - teacherValues: its parameters, which nothing here changes.
  ///   - projections: what matches refer to by name.
  /// - Throws: `matching.heads`, `matching.width`, `matching.projection`, `layers.map`: where the two models cannot be
  ///   compared so.
  public init(
    teacher: Bert, values teacherValues: FlatBuffer<Float>, student: Bert, matches: [Match], projections: [Projection]
  ) throws {
    let depths = (teacher: teacher.configuration.layerCount, student: student.configuration.layerCount)
    let widths = (teacher: teacher.configuration.hiddenSize, student: student.configuration.hiddenSize)
    let named = Dictionary(projections.map { ($0.name, $0) }) { first, _ in first }
    var layout = student.layout
    var resolved: [ResolvedMatch] = []
    for match in matches where match.weight != 0 {
      let pairs =
        match.feature == .embeddings ? [] : try match.map.pairs(teacher: depths.teacher, student: depths.student)
      try match.requireComparable(teacher: teacher.configuration, student: student.configuration, pairs: pairs)
      if let name = match.projection.name {
        guard let projection = named[name] else {
          throw RetortError(
            "matching.projection", "A match uses the projection “\(name)”, which the recipe does not have.",
            remedy: "Declare it among the recipe's projections.", at: Place(field: "projection"))
        }
        let layers = match.feature == .embeddings ? [HiddenIndex.embeddings] : pairs.map(\.student.output)
        for case let own? in layers.map({ match.projection.name(at: $0) }) {
          try rethrowing { try layout.append(projection, named: own, from: widths.student, to: widths.teacher) }
        }
      }
      resolved.append(ResolvedMatch(match: match, pairs: pairs))
    }
    self.teacher = teacher
    self.teacherValues = teacherValues
    self.layout = layout
    self.matches = resolved
    self.projections = named
  }

  /// The student's values with fresh projections behind them.
  public func initialValues(_ student: FlatBuffer<Float>, seed: UInt64) -> FlatBuffer<Float> {
    let values = FlatBuffer<Float>(count: layout.count)
    values.pointer.update(from: student.pointer, count: min(student.count, layout.count))
    layout.initialiseProjections(of: values, seed: seed)
    return values
  }

  /// Whether any match looks at raw scores.
  var needsScores: Bool { matches.contains { $0.match.feature == .attentionScores } }

  /// Adds a shard's losses to the graph, after running the teacher on it.
  ///
  /// - Parameters: batch: the shard; lengths: of the whole batch; step, steps: of the phase.
  func add(
    _ student: BertStates<Float>, on batch: PackedBatch, lengths: BatchLengths, step: Int, of steps: Int,
    with model: ParameterBinding<Float>, in graph: Graph<Float>
  ) throws {
    let frozen = ParameterBinding(teacher.layout, values: teacherValues)
    let target = try graph.frozen { try teacher.encode(batch, with: frozen, in: graph, exposesScores: needsScores) }
    for resolved in matches {
      let factor = resolved.match.weight * resolved.match.schedule.factor(step: step, of: steps)
      guard factor != 0 else { continue }
      let comparison = Comparison(
        match: resolved.match, student: student, teacher: target, batch: batch, lengths: lengths, graph: graph,
        project: { try project($0, at: $1, with: model, use: resolved.match.projection, in: graph) })
      try comparison.add(pairs: resolved.pairs, weight: factor)
    }
  }

  private func project(
    _ states: Tensor<Float>, at layer: HiddenIndex, with model: ParameterBinding<Float>, use: ProjectionUse,
    in graph: Graph<Float>
  ) throws -> Tensor<Float> {
    guard let name = use.name(at: layer), let key = use.name, let projection = projections[key] else { return states }
    return try graph.linear(
      states, weight: graph.parameter(Projection.weight(name), of: model),
      bias: projection.hasBias ? graph.parameter(Projection.bias(name), of: model) : nil,
      activation: projection.activation)
  }
}
