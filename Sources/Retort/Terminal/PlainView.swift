import Executing
import Synchronization

/// A line for each thing that happens, for logs and pipes; of progress one every ten seconds a stage.
final class PlainView: RunView {
  private struct Content {
    var run: RunState
    var spoken: [String: Double] = [:]
  }

  private let content: Mutex<Content>
  private let style: Style
  private let write: @Sendable (String) -> Void
  private static let spacing = 10.0

  init(_ terminal: Terminal, write: @escaping @Sendable (String) -> Void = { Streams.errors($0) }) {
    style = terminal.style
    self.write = write
    content = Mutex(Content(run: RunState(startedAt: SteadyClock.now)))
  }

  func receive(_ timed: TimedEvent) { receive(timed, now: SteadyClock.now) }

  func receive(_ timed: TimedEvent, now: Double) {
    let lines = content.withLock { content -> [String] in
      let before = timed.event.label.flatMap { label in content.run.running.first { $0.label == label } }
      content.run.take(timed.event, at: now)
      switch timed.event {
      case .started(let label, _, _, let attempt):
        content.spoken[label] = now
        return ["\(label)  started" + (attempt > 1 ? ", attempt \(attempt)" : "")]
      case .waiting(let label, _, let device):
        return ["\(label)  waits: another run \(device.map { "uses the device \($0)" } ?? "computes it")"]
      case .progress(let label, _):
        guard now - (content.spoken[label] ?? 0) >= Self.spacing,
          let stage = content.run.running.first(where: { $0.label == label })
        else { return [] }
        content.spoken[label] = now
        return [Self.text(stage)]
      default:
        return RunLines.lasting(timed.event, after: before.map { now - $0.startedAt }, threshold: 0, style)
      }
    }
    if !lines.isEmpty { write(lines.joined(separator: "\n") + "\n") }
  }

  func close() {}
  func note(_ line: String) { write(line + "\n") }

  static func text(_ stage: RunningStage) -> String {
    var parts: [String] = []
    if let share = stage.share {
      parts.append("\(Int(share * 100)) %")
    } else if let progress = stage.progress {
      parts.append("\(Figures.short(progress.done)) \(progress.unit)")
    }
    if let rate = stage.rate, let unit = stage.progress?.unit { parts.append("\(Figures.short(rate)) \(unit)/s") }
    if let remaining = stage.remaining { parts.append("\(Figures.clock(remaining)) left") }
    if let loss = stage.progress?.loss { parts.append("loss \(Figures.short(loss))") }
    if let note = stage.progress?.note { parts.append(note) }
    return "\(stage.label)  " + parts.joined(separator: ", ")
  }
}
