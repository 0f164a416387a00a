import Inspecting
import Retort
import Storing
import Tensors

/// Seconds that questions to a cache of trivial stages take, its opening included.
struct QuestionTimes {
  var runs: Double
  var why: Double
  /// Of the last stage towards the first, and of the first one downwards, as many stages as `lineage` draws.
  var lineage: Double
  var down: Double
  /// The whole lineage of the last stage.
  var whole: Double

  /// - Parameter cache: one in which `TrivialPass` ran.
  init(cache: FilePath, stages: Int) throws {
    let last = "stage-\(stages - 1)"
    func time(_ ask: (Inspector) throws -> Void) throws -> Double {
      // The third time: the file system knows the index by then, as in a program that is asked often.
      var seconds = 0.0
      for _ in 0..<3 {
        let start = ContinuousClock.now
        try ask(Inspector(at: cache))
        seconds = (ContinuousClock.now - start).seconds
      }
      return seconds
    }
    func lineage(_ inspector: Inspector, of label: String, _ direction: Lineage.Direction, limit: Int) throws {
      _ = try inspector.lineage(of: inspector.artifact(label).execution, direction, limit: limit)
    }
    runs = try time { _ = try $0.runs(limit: 20) }
    why = try time { _ = try $0.why(last) }
    self.lineage = try time { try lineage($0, of: last, .up, limit: LineageCommand.standardLimit) }
    down = try time { try lineage($0, of: "stage-0", .down, limit: LineageCommand.standardLimit) }
    whole = try time { try lineage($0, of: last, .up, limit: .max) }
  }

  var json: JSONLine {
    .fields([
      "runs_seconds": .number(runs), "why_seconds": .number(why), "lineage_seconds": .number(lineage),
      "lineage_down_seconds": .number(down), "lineage_whole_seconds": .number(whole),
    ])
  }
}
