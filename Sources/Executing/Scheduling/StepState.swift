import Declaring

/// A step as the scheduler needs it: of the plan, or a sub-stage that came up while running.
struct RunStage {
  var label: String
  var stage: any Stage
  var identity: StageIdentity
  var resources: Resources
  var isForced: Bool
}

/// Where a step of this run stands. Only the scheduler touches it.
final class StepState {
  enum Phase {
    /// For inputs.
    case waiting
    /// In the queue for resources.
    case ready
    /// A thread is at it.
    case running
    /// For another step or run with the same key, or for its next try.
    case parked
    case done
  }

  let id: Int
  let step: RunStage
  /// The step whose stage runs this one inside itself, and its attempt that does so.
  let parent: Int?
  let owner: AttemptControl?
  var phase = Phase.waiting
  /// Inputs that are not known yet.
  var missing = 0
  /// How long the longest way takes from here: see `CriticalPath`.
  var height = 0.0
  var recipe: Recipe?
  var key: Key?
  var isLookedUp = false
  var execution: Execution?
  var status: StepResult.Status?
  var attempts = 0
  /// Why its last try failed, while it waits for the next one.
  var failure: RetortError?
  var seconds = 0.0
  var log: FilePath?

  // While it runs.
  var wish = Resources()
  var holdsGrant = false
  /// The devices of its attempt, also while they are lent to its sub-stages.
  var devices: [Device] = []
  /// Those that it holds now.
  var heldDevices: [Device] = []
  var deviceLeases: [any Lease] = []
  var control: AttemptControl?
  var task: Task<Void, Never>?
  var clock: Task<Void, Never>?
  /// How long to leave what another run has leased alone before the next look, in seconds.
  var patience = 0.002
  var isWaitingForOthers = false

  // Sub-stages.
  /// The inputs and sources of a sub-stage; for a planned step the plan has them.
  var given: (inputs: [Edge: Execution], sources: [SourceDeclaration: Digest])?
  /// Sub-stages that its attempt waits for.
  var open = 0
  var childLabels: [String: Int] = [:]
  /// What waits for this sub-stage.
  var waiter: CheckedContinuation<Execution, any Error>?
  /// What waits to get the grant back after its sub-stages.
  var resumes: [CheckedContinuation<Void, any Error>] = []

  init(id: Int, step: RunStage, parent: Int? = nil, owner: AttemptControl? = nil) {
    self.id = id
    self.step = step
    self.parent = parent
    self.owner = owner
  }
}
