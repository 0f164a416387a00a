/// Whether a reference points at an output that is there.
struct ReferenceCheck {
  let pipeline: Pipeline

  /// The fault of an edge, without its place; nil if it is sound.
  ///
  /// - Parameter consumer: the position of the stage that holds it, or the number of stages for a root.
  func fault(in edge: Edge, of consumer: Int, catalogue: inout StageCatalogue) -> RetortError? {
    if edge.node < 0 || edge.arena == 0 { return Self.outside() }
    if edge.arena != pipeline.arena { return Self.foreign() }
    guard edge.node < pipeline.stages.count else { return Self.outOfRange(edge) }
    if edge.node >= consumer { return cycle(edge, consumer) }
    if edge.port.isEmpty { return nil }
    let traits = catalogue.traits(of: type(of: pipeline.stages[edge.node].stage))
    return traits.writes(port: edge.port) ? nil : Self.unknownPort(edge, traits)
  }

  private static func outside() -> RetortError {
    RetortError(
      "plan.reference-outside", "The reference points nowhere: its stage was declared outside of a pipeline's body.",
      remedy: "Call stage(_:_:) inside the body.")
  }

  private static func foreign() -> RetortError {
    RetortError(
      "plan.reference-foreign", "The reference points into another pipeline.",
      remedy: "Declare the stage in this pipeline's body too; the cache shares its result.")
  }

  private static func outOfRange(_ edge: Edge) -> RetortError {
    RetortError(
      "plan.reference-range", "The reference points at stage number \(edge.node), and there is none.",
      remedy: "Take references from stage(_:_:) only.")
  }

  private func cycle(_ edge: Edge, _ consumer: Int) -> RetortError {
    RetortError(
      "plan.cycle",
      edge.node == consumer
        ? "The stage takes its own output as input." : "The stage takes the output of one that is declared after it.",
      remedy: "Declare stages before those that need them.")
  }

  private static func unknownPort(_ edge: Edge, _ traits: StageTraits) -> RetortError {
    let ports = traits.outputs.map { "“\($0.name)”" }.joined(separator: ", ")
    let what =
      edge.port.hasPrefix("\u{0}")
      ? "The reference takes a property that the bundle's table does not list as a port."
      : "The stage has no output “\(edge.port)”."
    return RetortError(
      "plan.port-unknown", what, remedy: traits.isBundle ? "Its ports are \(ports)." : "It has one output.")
  }
}
