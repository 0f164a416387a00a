import Declaring
import Synchronization

/// Takes events, one at a time and in order, on a thread that no stage waits for.
public protocol EventSink: Sendable {
  func receive(_ event: TimedEvent)
}

/// Carries events from the stages to the sinks.
///
/// Posting never waits. What waits to be read is bounded: of one step's progress only the newest is kept, and logs,
/// metrics and progress beyond the limit are counted and dropped. What a run's outcome follows from is never dropped.
public final class EventBus: Sendable {
  private struct State {
    var waiting: [TimedEvent] = []
    /// Where the newest progress of a step waits.
    var progress: [String: Int] = [:]
    var droppable = 0
    var dropped = 0
    var isDelivering = false
    var flushes: [CheckedContinuation<Void, Never>] = []
  }

  private let sinks: [any EventSink]
  private let limit: Int
  private let state = Mutex(State())
  private let thread = ThreadPool(maximum: 1)

  /// - Parameter limit: how many events that may be dropped wait at most.
  public init(_ sinks: [any EventSink], limit: Int = 4096) {
    self.sinks = sinks
    self.limit = limit
  }

  /// Whether anybody listens.
  public var isActive: Bool { !sinks.isEmpty }

  public func post(_ event: @autoclosure () -> Event) {
    guard isActive else { return }
    let timed = TimedEvent(time: Clock.now, event: event())
    let mustStart = state.withLock { state in
      if timed.event.isDroppable {
        if case .progress(let label, _) = timed.event {
          if let index = state.progress[label] {
            state.waiting[index] = timed
            return false
          }
          if state.droppable < limit { state.progress[label] = state.waiting.count }
        }
        guard state.droppable < limit else {
          state.dropped += 1
          return false
        }
        state.droppable += 1
      } else if let label = timed.event.label {
        // Progress that comes after this event must not be shown before it.
        state.progress[label] = nil
      }
      state.waiting.append(timed)
      defer { state.isDelivering = true }
      return !state.isDelivering
    }
    if mustStart { thread.run { self.deliver() } }
  }

  /// Waits until everything posted so far has reached the sinks.
  public func flush() async {
    guard isActive else { return }
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        if state.isDelivering { state.flushes.append(continuation) }
        return !state.isDelivering
      }
      if isIdle { continuation.resume() }
    }
  }

  private func deliver() {
    while true {
      let (batch, flushes) = state.withLock { state -> ([TimedEvent], [CheckedContinuation<Void, Never>]) in
        var batch: [TimedEvent] = []
        swap(&batch, &state.waiting)
        state.progress.removeAll(keepingCapacity: true)
        state.droppable = 0
        if state.dropped > 0 {
          let line = "\(state.dropped) log lines and figures were left out here: their reader is too slow."
          batch.append(TimedEvent(time: Clock.now, event: .log(label: "", line: line)))
          state.dropped = 0
        }
        guard batch.isEmpty else { return (batch, []) }
        state.isDelivering = false
        defer { state.flushes = [] }
        return ([], state.flushes)
      }
      if batch.isEmpty {
        for flush in flushes { flush.resume() }
        return
      }
      for event in batch { for sink in sinks { sink.receive(event) } }
    }
  }
}
