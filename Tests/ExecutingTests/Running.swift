import Artifacts
import Declaring
import Executing
import Foundation
import Planning
import RetortTesting
import Synchronization

/// Plans and runs a pipeline.
func run(
  _ pipeline: Pipeline, in store: any ArtifactStore, force: PlanOptions.Force = .nothing, only: [String] = [],
  sink: (any EventSink)? = nil, executor: any StageExecutor = LocalExecutor(),
  _ change: (inout RunOptions) -> Void = { _ in }
) async throws -> RunSummary {
  let scheduler = try scheduler(pipeline, in: store, force: force, only: only, sink: sink, executor: executor, change)
  return try await scheduler.run()
}

func scheduler(
  _ pipeline: Pipeline, in store: any ArtifactStore, force: PlanOptions.Force = .nothing, only: [String] = [],
  sink: (any EventSink)? = nil, executor: any StageExecutor = LocalExecutor(),
  _ change: (inout RunOptions) -> Void = { _ in }
) throws -> Scheduler {
  var options = PlanOptions(pipeline: "test")
  options.force = force
  options.only = only
  let plan = try Planner(store: store, options: options).plan(pipeline)
  var runOptions = RunOptions(threads: 2)
  runOptions.jobs = 4
  runOptions.retries = RetryPolicy(attempts: 3, delay: 0.001, longest: 0.01)
  runOptions.grace = 0.05
  change(&runOptions)
  let request = RunRequest(pipeline: "test", arguments: [], options: [:], startedAt: 0, profile: .unknown)
  return Scheduler(
    plan: plan, store: store, request: request, options: runOptions, events: EventBus(sink.map { [$0] } ?? []),
    executor: executor)
}

extension RunSummary {
  subscript(label: String) -> StepResult? { steps.first { $0.label == label } }

  /// The number that a step gave.
  func number(_ label: String, in store: any ArtifactStore) throws -> Int? {
    guard let output = self[label]?.execution?.outputs[""] else { return nil }
    return try Number(StoredPart(content: try store.content(of: output.digest), facts: output.facts)).value
  }
}

extension StepResult.Status {
  var name: String {
    switch self {
    case .ran: "ran"
    case .cached: "cached"
    case .failed: "failed"
    case .skipped: "skipped"
    case .interrupted: "interrupted"
    }
  }
}

/// Keeps all events.
final class Recorder: EventSink {
  private let state = Mutex<[TimedEvent]>([])
  private let act: @Sendable (Event) -> Void

  init(_ act: @escaping @Sendable (Event) -> Void = { _ in }) { self.act = act }

  func receive(_ event: TimedEvent) {
    state.withLock { $0.append(event) }
    act(event.event)
  }

  var events: [TimedEvent] { state.withLock { $0 } }

  /// The names of the events about a step, in order.
  func names(of label: String) -> [String] { events.map(\.event).filter { $0.label == label }.map(name) }
}

func name(_ event: Event) -> String { String("\(event)".prefix { $0 != "(" }) }

/// Waits until `condition` holds; false if it never does.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
  for _ in 0..<4000 {
    if try await condition() { return true }
    // Swift's pool is as small as the machine: a test must not block it either.
    try? await Task.sleep(nanoseconds: 1_000_000)
  }
  return false
}

func temporaryFolder() throws -> FilePath {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("retort-test-\(UUID().uuidString)").path
  try Files.makeFolder(FilePath(path))
  return FilePath(path)
}
