import Foundation

/// The events that a run wrote with `--json`, as far as it came.
struct RunEvents {
  struct Event: Decodable {
    var event: String
    var label: String?
    var line: String?
    var done: Double?
    var total: Double?
    var seconds: Double?
  }

  var all: [Event] = []

  /// A line that a kill cut off is left out, like the summary.
  init(_ output: String) {
    for line in output.split(separator: "\n") {
      if let event = try? JSONDecoder().decode(Event.self, from: Data(line.utf8)) { all.append(event) }
    }
  }

  /// Whether an event is in an output, without reading all of it: asked hundreds of times a second.
  static func says(_ event: String, of label: String, in output: String) -> Bool {
    output.utf8.split(separator: UInt8(ascii: "\n")).contains { line in
      let line = Substring(line)
      return line.contains("\"\(event)\"") && line.contains("\"\(label)\"")
    }
  }

  func of(_ label: String) -> [Event] { all.filter { $0.label == label } }

  func hasStarted(_ label: String) -> Bool { of(label).contains { $0.event == "started" } }
  func hasFinished(_ label: String) -> Bool { of(label).contains { $0.event == "finished" } }
  func seconds(of label: String) -> Double? { of(label).first { $0.event == "finished" }?.seconds }

  /// How many checkpoints of a stage were safe on disk.
  func checkpoints(of label: String) -> Int { of(label).count { $0.event == "checkpointed" } }

  /// The step that a stage went on after, and how many it has, if it began with a checkpoint.
  func resumed(_ label: String) -> (step: Int, steps: Int)? {
    for event in of(label) {
      guard let line = event.line, line.hasPrefix("going on after ") else { continue }
      let numbers = line.split(separator: " ").compactMap { Int($0) }
      if numbers.count == 2 { return (numbers[0], numbers[1]) }
    }
    return nil
  }

  /// What part of a stage's work was done when it was last heard of.
  func progress(of label: String) -> Double { progress(in: of(label)[...]) }

  /// What part was done when it was first heard of: of a stage that went on, that is where it began, and a step.
  func firstProgress(of label: String) -> Double { progress(in: of(label).filter { $0.event == "progress" }.prefix(1)) }

  /// The same at each of its checkpoints: a snapshot may be a little older than the words that it is safe.
  func progressAtCheckpoints(of label: String) -> [Double] {
    let events = of(label)
    return events.indices.filter { events[$0].event == "checkpointed" }.map { progress(in: events[..<$0]) }
  }

  private func progress(in events: ArraySlice<Event>) -> Double {
    for event in events.reversed() where event.event == "progress" {
      if let done = event.done, let total = event.total, total > 0 { return done / total }
    }
    return 0
  }
}
