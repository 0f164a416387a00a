import Executing
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A view that is redrawn ten times a second: bars for what runs, lines that stay for what took long or failed.
///
/// Nothing is drawn before a stage begins, so that a run with nothing to do leaves no flicker and starts no thread.
final class LiveView: RunView {
  private struct Content {
    var run: RunState
    var screen: LiveScreen
    var isDrawing = false
    var isClosed = false
  }

  private let content: Mutex<Content>
  private let style: Style
  /// What took less is only counted.
  private static let worthALine = 1.0

  init(_ terminal: Terminal) {
    style = terminal.style
    content = Mutex(Content(run: RunState(startedAt: SteadyClock.now), screen: LiveScreen(terminal)))
  }

  func receive(_ timed: TimedEvent) {
    let now = SteadyClock.now
    let lines = content.withLock { content -> [String] in
      let ended = timed.event.label.flatMap { label in content.run.running.first { $0.label == label } }
      content.run.take(timed.event, at: now)
      return RunLines.lasting(timed.event, after: ended.map { now - $0.startedAt }, threshold: Self.worthALine, style)
    }
    if case .started = timed.event { startDrawing() }
    if !lines.isEmpty { draw(above: lines) }
  }

  func close() {
    let bytes = content.withLock { content -> String in
      content.isClosed = true
      return content.screen.clear()
    }
    if !bytes.isEmpty { Streams.errors(bytes) }
  }

  func note(_ line: String) { draw(above: [style.yellow(line)]) }

  private func draw(above: [String] = []) {
    content.withLock { content in
      guard !content.isClosed else {
        if !above.isEmpty { Streams.errors(above.joined(separator: "\n") + "\n") }
        return
      }
      content.screen.resize()
      Streams.errors(content.screen.frame(content.run, now: SteadyClock.now, above: above))
    }
  }

  private func startDrawing() {
    let mustStart = content.withLock { content in
      defer { content.isDrawing = true }
      return !content.isDrawing
    }
    guard mustStart else { return }
    Threads.start { [weak self] in
      while let self, !self.content.withLock({ $0.isClosed }) {
        self.draw()
        usleep(100_000)
      }
    }
  }
}

extension RunState {
  /// Follows an event.
  mutating func take(_ event: Event, at time: Double) {
    switch event {
    case .planned(_, _, let steps, _): total = steps
    case .started(let label, _, _, _), .waiting(let label, _, _): start(label, at: time)
    case .progress(let label, let progress): self.progress(label, progress, at: time)
    case .cached(let label, _, _):
      end(label)
      cached += 1
    case .finished(let label, _, _, _, _):
      end(label)
      finished += 1
    case .failed(let label, _, let retry):
      end(label)
      if retry == nil { failed += 1 }
    case .skipped(let label, _):
      end(label)
      skipped += 1
    case .metric, .log, .checkpointed, .delivered, .runFinished: break
    }
    total = max(total, settled + running.count)
  }
}

/// Events as lines that stay.
enum RunLines {
  /// - Parameters:
  ///   - seconds: how long the step had been running.
  ///   - threshold: what took less is not worth a line.
  static func lasting(_ event: Event, after seconds: Double?, threshold: Double, _ style: Style) -> [String] {
    switch event {
    case .finished(let label, _, _, let seconds, let metrics) where seconds >= threshold:
      let figures = metrics.sorted { $0.key < $1.key }.prefix(3)
        .map { "\($0.key) \(Figures.short($0.value))" }.joined(separator: ", ")
      let tail = figures.isEmpty ? "" : style.dim("  \(figures)")
      return ["\(style.green("✓")) \(label)  \(Figures.duration(seconds))\(tail)"]
    case .failed(let label, let error, let retry):
      let time = seconds.map { " after \(Figures.duration($0))" } ?? ""
      let next = retry.map { "; it is tried again in \(Figures.duration($0))" } ?? ""
      return ["\(style.red("✗")) \(label) failed\(time)\(next): \(error.message)"]
    case .delivered(let label, let destination, let files) where files > 0:
      return ["\(style.green("✓")) \(label)  wrote \(Figures.counted(files, "file")) to \(destination)"]
    default: return []
    }
  }
}
