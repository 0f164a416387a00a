import Declaring
import Foundation

/// The types of stages that a pipeline may run, by id: its own, and those that they may run inside themselves.
public struct StageTypes: Sendable {
  private var types: [String: any Stage.Type] = [:]

  public init(of pipeline: Pipeline) { self.init(pipeline.stages.map { type(of: $0.stage) }) }

  init(_ roots: [any Stage.Type]) {
    var open = roots
    while let next = open.popLast() {
      guard types.updateValue(next, forKey: next.id) == nil else { continue }
      open += next.uses
    }
  }

  /// A stage made of its properties.
  ///
  /// - Throws: `worker.stage` for an id that is not known, or properties that do not fit.
  func stage(_ id: String, options: Data) throws -> any Stage {
    guard let type = types[id] else {
      throw RetortError(
        "worker.stage", "The worker's program has no stage “\(id)”.",
        remedy: "Declare the same pipeline whenever the program has the same arguments.", blame: .stage)
    }
    do {
      return try Self.decode(type, options)
    } catch {
      throw RetortError(
        "worker.stage", "The stage “\(id)” cannot be made again from its properties: \(error)",
        remedy: "Let its Codable conformance be the synthesized one.", blame: .stage, cause: error)
    }
  }

  private static func decode<S: Stage>(_ type: S.Type, _ options: Data) throws -> any Stage {
    try JSONDecoder.worker.decode(type, from: options)
  }
}
