import Artifacts
import FoundationEssentials
import Tensors

/// Names of a snapshot's sections.
private enum Section {
  static let state = "state"
  static let values = "values"
  static let best = "best"
  static let first = "first-moment"
  static let second = "second-moment"
}

extension Trainer {
  /// Everything that the rest of the run depends on and that could not be computed again.
  public func snapshot() throws -> Snapshot {
    let values = try values
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var snapshot = Snapshot([
      Section.state: Array(try encoder.encode(state)), Section.values: values.bytes,
      Section.first: optimiser.first.bytes, Section.second: optimiser.second.bytes,
    ])
    snapshot.sections[Section.best] = best?.bytes
    return snapshot
  }

  /// Goes back to where a snapshot of the same run was taken.
  ///
  /// - Throws: `training.snapshot` where it belongs to another run; nothing has changed then.
  public func restore(_ snapshot: Snapshot) throws {
    let size = buffer.count * MemoryLayout<Float>.stride
    guard let saved = snapshot.sections[Section.state],
      let state = try? JSONDecoder().decode(TrainerState.self, from: Data(saved)), (0...steps).contains(state.step),
      let values = snapshot.sections[Section.values], let first = snapshot.sections[Section.first],
      let second = snapshot.sections[Section.second], [values, first, second].allSatisfy({ $0.count == size }),
      (state.bestEpoch == nil) == (snapshot.sections[Section.best] == nil),
      snapshot.sections[Section.best].map({ $0.count == size }) ?? true
    else {
      throw RetortError(
        "training.snapshot", "The checkpoint does not belong to this training run.",
        remedy: "Run with --force to start anew.", blame: .internal)
    }
    self.state = state
    buffer.load(values)
    optimiser.first.load(first)
    optimiser.second.load(second)
    optimiser.restart(at: state.step)
    best = snapshot.sections[Section.best].map { bytes in
      let buffer = FlatBuffer<Float>(count: self.buffer.count)
      buffer.load(bytes)
      return buffer
    }
  }
}

extension FlatBuffer<Float> {
  /// The elements' bytes, as they lie in memory: snapshots stay on machines of one kind.
  var bytes: [UInt8] { Array(UnsafeRawBufferPointer(buffer)) }

  func load(_ bytes: [UInt8]) { UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes) }
}
