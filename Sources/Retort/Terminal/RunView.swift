import Executing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Shows a run while it goes on.
protocol RunView: EventSink {
  /// Removes what is redrawn; nothing is shown afterwards.
  func close()
  /// Says something that is no event.
  func note(_ line: String)
}

extension RunView {
  func note(_ line: String) {}
}

/// Seconds on a clock that nobody sets.
enum SteadyClock {
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

enum WallClock {
  /// Seconds since 1970.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// The views that a command line asks for.
enum RunViews {
  static func make(_ form: ProgressForm?, isJSON: Bool, terminal: Terminal = .errors) -> [any RunView] {
    var views: [any RunView] = []
    if isJSON { views.append(JSONLinesView { Streams.output($0) }) }
    switch form ?? (isJSON ? ProgressForm.none : .auto) {
    case .auto: views.append(terminal.isAnimated ? LiveView(terminal) : PlainView(terminal))
    case .plain: views.append(PlainView(terminal))
    case .json: views.append(JSONLinesView { Streams.errors($0) })
    case .none: break
    }
    return views
  }
}

/// Each event as one JSON object on one line.
final class JSONLinesView: RunView {
  private let write: @Sendable (String) -> Void

  init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  func receive(_ event: TimedEvent) {
    guard let bytes = try? CanonicalJSON.encode(event) else { return }
    write(String(decoding: bytes, as: UTF8.self) + "\n")
  }

  func close() {}
}
