import Declaring
import Planning

/// What all steps of a run share.
struct StepEnvironment: Sendable {
  var store: any ArtifactStore
  var run: RunID
  var profile: NumericsProfile
  var defaultSeed: UInt64
  var schedule: Checkpointer.Schedule
  var events: EventBus
  var share: ThreadShare
  var executor: any StageExecutor
}

/// One try at a step, as it goes to a thread.
struct StepJob: Sendable {
  var label: String
  var stage: any Stage
  var identity: StageIdentity
  var key: Key
  var recipe: Recipe
  var inputs: [Edge: Execution]
  var sources: [SourceDeclaration: Digest]
  /// The files behind it, as an execution records them.
  var code: String?
  /// Executes even if there is a result.
  var isForced: Bool
  /// From 1.
  var number: Int
  var cores: Int
  /// What it asked for, in bytes.
  var memory: Int
  var devices: [Device]
  var control: AttemptControl
  /// Who runs its sub-stages, and by which number it knows this step.
  var scheduler: Scheduler
  var step: Int
}

/// How a try ended.
enum StepEnding: Sendable {
  /// Another run holds the lease.
  case busy
  /// Another run had published the result meanwhile.
  case found(Execution)
  case ran(Execution, seconds: Double, log: FilePath)
  case failed(RetortError, seconds: Double, log: FilePath?)
  case interrupted(seconds: Double, log: FilePath)
  /// The scheduler went on without it.
  case givenUp
}

extension StepJob {
  /// Takes the lease, looks once more, computes, publishes. Runs on a thread of Retort's own.
  func perform(in environment: StepEnvironment) async -> StepEnding {
    let lease: any Lease
    let attempt: any Attempt
    do {
      guard let taken = try environment.store.lease(key) else { return .busy }
      lease = taken
    } catch {
      return .failed(located(error), seconds: 0, log: nil)
    }
    defer { lease.release() }
    FaultPoint.pass("step.leased")
    do {
      if !isForced,
        let hit = try environment.store.executions(
          of: [key], preferring: environment.profile, pinnedBy: environment.run)[key]
      {
        return .found(hit)
      }
      attempt = try environment.store.beginAttempt(
        of: key, recipe: recipe, stage: identity, label: label, run: environment.run)
    } catch {
      return .failed(located(error), seconds: 0, log: nil)
    }
    control.began(attempt)
    return await compute(attempt, in: environment)
  }

  private func compute(_ attempt: any Attempt, in environment: StepEnvironment) async -> StepEnding {
    let started = Clock.now
    let start = Clock.steady
    let log = AttemptLog(of: attempt)
    let events = environment.events
    let label = label
    events.post(.started(label: label, stage: identity, key: key, attempt: number))
    do {
      let store = environment.store
      let key = key
      let checkpoints = Checkpointer(
        profile: environment.profile, schedule: environment.schedule,
        log: { line in
          log.append(line)
          events.post(.log(label: label, line: line))
        },
        written: { events.post(.checkpointed(label: label, bytes: $0, seconds: $1)) },
        locate: { try store.snapshotFile(of: key) })
      let services = AttemptServices(
        job: self, attempt: attempt, checkpoints: checkpoints, log: log, environment: environment)
      defer {
        checkpoints.close()
        log.close()
      }
      for (name, ids) in services.devices.sorted(by: { $0.key < $1.key }) {
        log.append("device \(name): \(ids.joined(separator: ", "))")
      }
      FaultPoint.pass("step.started")
      let threads = services.threads
      let parts = try await environment.executor.execute(
        StageWork(label: label, stage: stage, services: services))
      FaultPoint.pass("step.computed")
      services.flush()
      guard control.end() else { return .givenUp }
      if let loss = control.loss { throw loss }
      checkpoints.close()
      var details = ExecutionDetails(
        startedAt: started, seconds: max(0, Clock.steady - start - services.lent), profile: environment.profile)
      details.threads = threads
      details.metrics = services.metrics
      details.children = services.children
      details.inputs = usedInputs
      details.codeFingerprint = code
      let execution = try attempt.publish(parts, details: details)
      FaultPoint.pass("step.published")
      checkpoints.discard()
      return .ran(execution, seconds: details.seconds, log: attempt.log)
    } catch {
      return ending(error, attempt, seconds: Clock.steady - start)
    }
  }

  private func ending(_ error: any Error, _ attempt: any Attempt, seconds: Double) -> StepEnding {
    // A publication that failed has ended the body already.
    _ = control.end()
    if control.isGivenUp { return .givenUp }
    if let reason = control.loss ?? (error is CancellationError ? control.reason : nil) {
      return recorded(located(reason), attempt, seconds: seconds)
    }
    if error is CancellationError, control.level > .none {
      try? attempt.abandon()
      return .interrupted(seconds: seconds, log: attempt.log)
    }
    return recorded(located(error), attempt, seconds: seconds)
  }

  private func recorded(_ error: RetortError, _ attempt: any Attempt, seconds: Double) -> StepEnding {
    // Where the failure cannot be recorded either, the failure itself is what the user needs to read.
    try? attempt.fail(error)
    return .failed(error, seconds: seconds, log: attempt.log)
  }

  private var usedInputs: [ExecutionDetails.Input] {
    var seen: Set<ExecutionDetails.Input> = []
    return inputs.sorted { ($0.key.node, $0.key.port) < ($1.key.node, $1.key.port) }.compactMap { edge, execution in
      guard let digest = execution.digest(port: edge.port) else { return nil }
      let input = ExecutionDetails.Input(digest: digest, execution: execution.id)
      return seen.insert(input).inserted ? input : nil
    }
  }

  func located(_ error: any Error) -> RetortError { RetortError(of: error, in: label) }
}

extension RetortError {
  /// Any error as one of the stage `label`.
  init(of error: any Error, in label: String?) {
    let place = Place(stage: label)
    if let known = error as? RetortError {
      self = known.located(place)
    } else if let faults = error as? PlanFaults, let first = faults.faults.first {
      self = first.located(place)
    } else if error is CancellationError {
      self.init(
        "stage.cancelled", "The stage ended itself as cancelled, though nobody had asked it to.", at: place,
        blame: .stage, cause: error)
    } else {
      self.init("stage.failed", "\(error)", at: place, blame: .stage, cause: error)
    }
  }
}
