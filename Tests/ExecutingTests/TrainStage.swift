import Artifacts
import Declaring
import Foundation
import RetortTesting

/// A loop that keeps its state in snapshots, as a trainer does: its result depends on every step.
struct Train: Stage {
  static let id = "test.train"
  static let version = 1
  var name: String
  var start: Ref<Number>
  var steps: Int

  func run(_ context: StageContext) async throws -> Number {
    var state = UInt64(try context.load(start).value)
    var step = 0
    if let snapshot = try context.restore(), let bytes = snapshot.sections["state"], bytes.count == 16 {
      state = bytes[0..<8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      step = Int(bytes[8..<16].reversed().reduce(0) { $0 << 8 | UInt64($1) })
      Board.shared.set("restored " + name, step)
    }
    while step < steps {
      state = state &* 6_364_136_223_846_793_005 &+ UInt64(step)
      step += 1
      Board.shared.count("step " + name)
      // Where a test looks at a half-done training.
      while step == Board.shared.get("pause " + name) { usleep(200) }
      context.report(Progress(Double(step), of: Double(steps), unit: "steps", loss: 1 / Double(step)))
      try context.checkCancellation()
      try context.checkpoint {
        Snapshot([
          "state": littleEndian(state) + littleEndian(UInt64(step)), "padding": Array(repeating: 7, count: 5000),
        ])
      }
    }
    context.record("steps", Double(step))
    return Number(Int(truncatingIfNeeded: state >> 1))
  }

  /// What it computes, written another way.
  static func expected(from start: Int, steps: Int) -> Int {
    Int((0..<steps).reduce(UInt64(start)) { $0 &* 6_364_136_223_846_793_005 &+ UInt64($1) } >> 1)
  }
}

private func littleEndian(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
