import Artifacts
import Declaring
import Executing
import Planning
import RetortTesting
import Synchronization

extension World {
  /// What a world's run is called, so that collections find it.
  public static let pipeline = "world"

  public var planOptions: PlanOptions {
    var options = PlanOptions(pipeline: Self.pipeline)
    options.defaultSeed = defaultSeed
    options.codeChanges = rerunsCode ? .rerun : .warn
    return options
  }

  /// Plans and runs the world; what a user's program does.
  public func run(
    in store: any ArtifactStore, jobs: Int, threads: Int, events: EventBus = EventBus([])
  ) async throws -> (plan: Plan, summary: RunSummary) {
    try await asProgram {
      let plan = try Planner(store: store, options: planOptions).plan(declared())
      var options = RunOptions(jobs: jobs, threads: threads)
      options.retries = RetryPolicy(attempts: 2, delay: 0.001, longest: 0.01)
      let request = RunRequest(
        pipeline: Self.pipeline, arguments: [], options: [:], startedAt: 0, profile: .unknown)
      let summary = try await Scheduler(plan: plan, store: store, request: request, options: options, events: events)
        .run()
      return (plan, summary)
    }
  }

  /// What a run says, with the numbers that its results hold.
  public func report(on summary: RunSummary, from store: any ArtifactStore) throws -> Ledger.Report {
    var values: [String: [Int]] = [:]
    func number(_ execution: Execution, _ port: String) throws -> Int {
      guard let output = execution.outputs[port] else { return -1 }
      return try Number(StoredPart(content: store.content(of: output.digest), facts: output.facts)).value
    }
    let executions = summary.executions
    for node in reached {
      let label = label(of: node)
      guard let execution = executions[label] else { continue }
      switch nodes[node].kind {
      case .divide: values[label] = [try number(execution, "quotient"), try number(execution, "remainder")]
      case .pack:
        guard let output = execution.outputs[""], case .folder(let folder) = try store.content(of: output.digest)
        else { continue }
        values[label] = [Int(String(decoding: try Files.read(folder.appending("number")), as: UTF8.self)) ?? -1]
      default: values[label] = [try number(execution, "")]
      }
    }
    return Ledger.Report(
      world: self, statuses: summary.steps.map { .init(label: $0.label, status: $0.status.word) }, values: values,
      run: summary.run.value)
  }
}

extension StepResult.Status {
  var word: String {
    switch self {
    case .ran: "ran"
    case .cached: "cached"
    case .failed(let error): "failed: \(error)"
    case .skipped: "skipped"
    case .interrupted: "interrupted"
    }
  }
}

/// Notes which stages said that they had finished.
public final class Finished: EventSink {
  private let state = Mutex<Set<String>>([])
  public init() {}

  public func receive(_ event: TimedEvent) {
    if case .finished(let label, _, _, _, _) = event.event { _ = state.withLock { $0.insert(label) } }
  }

  public var labels: Set<String> { state.withLock { $0 } }
}
