import Declaring
import FoundationEssentials

/// The types of stages that a pipeline may run: its own, and those that they may run inside themselves.
///
/// A type is known by its whole name, which is the same in every process of one program: an `id` may be that of several types
/// that differ in their kinds alone.
public struct StageTypes: Sendable {
  private let types: [String: any Stage.Type]

  public init(of pipeline: Pipeline) { self.init(pipeline.stages.map { type(of: $0.stage) }) }

  init(_ roots: [any Stage.Type]) {
    types = Dictionary(roots.withUses().map { (Self.name(of: $0), $0) }) { first, _ in first }
  }

  static func name(of type: any Stage.Type) -> String { String(reflecting: type) }

  /// A stage made of its properties.
  ///
  /// - Throws: `worker.stage` for a name that is not known, or properties that do not fit.
  func stage(_ name: String, options: Data) throws -> any Stage {
    guard let type = types[name] else {
      throw RetortError(
        "worker.stage", "The worker's program has no stage \(name).",
        remedy: "Declare the same pipeline whenever the program has the same arguments.", blame: .stage)
    }
    do {
      return try Self.decode(type, options)
    } catch {
      throw RetortError(
        "worker.stage", "The stage \(name) cannot be made again from its properties: \(error)",
        remedy: "Let its Codable conformance be the synthesized one.", blame: .stage, cause: error)
    }
  }

  private static func decode<S: Stage>(_ type: S.Type, _ options: Data) throws -> any Stage {
    try JSONDecoder.worker.decode(type, from: options)
  }
}
