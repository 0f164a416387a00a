import Planning
import Storing

/// A pipeline planned against a cache: what every command begins with.
struct Session {
  var pipeline: Pipeline
  var cache: Cache
  var plan: Plan

  /// Declares and plans.
  ///
  /// - Parameters:
  ///   - machine: what a run may use; a question does not look at devices.
  ///   - anticipation: what was begun before the command line was read.
  ///   - isRun: a run must be able to write; a question is content with a cache that can only be read.
  /// - Throws: `PlanFaults` with everything that is wrong; errors of the cache.
  init<Program: PipelineProgram>(
    _ program: Program, cache: CacheOptions, selection: SelectionOptions,
    machine: MachineOptions? = nil, anticipation: Anticipation?, isRun: Bool = false
  ) throws {
    let folder = FilePath(cache.cache)
    let early = anticipation?.of(folder)
    let late = early?.cache ?? LateCache { try Self.open(folder, isRun: isRun) }
    pipeline = Pipeline.declared { program.body }
    var options = selection.planOptions(Program.name)
    if let machine { options.capacity = try machine.capacity() }
    plan = try Planner(options: options) { try late.opened() }.plan(pipeline, with: early?.recollecting)
    self.cache = try late.opened()
  }

  private static func open(_ folder: FilePath, isRun: Bool) throws -> Cache {
    do {
      return try Cache(folder)
    } catch let error as RetortError where !isRun && (error.code == "cache.read-only" || error.code == "file.read-only")
    {
      return try Cache(folder, access: .reading)
    }
  }

  /// The step with a label; a typo gets a hint.
  func step(labelled label: String) throws -> Step {
    if let step = plan.step(labelled: label) { return step }
    throw RetortError(
      "usage.label", "The pipeline has no stage “\(label)”.",
      remedy: Suggestion.hint(for: label, among: plan.steps.map(\.label), noun: "stage"))
  }
}

extension SelectionOptions {
  func planOptions(_ pipeline: String) -> PlanOptions {
    var options = PlanOptions(pipeline: pipeline)
    if force.contains(ArgumentOrder.everything) {
      options.force = .everything
    } else if !force.isEmpty {
      options.force = .labels(force)
    }
    options.only = only
    options.until = until
    options.from = from
    options.codeChanges = codeChanges
    options.defaultSeed = seed
    options.machine = Machine.profile
    options.capacity = PlanOptions.Capacity(cores: Machine.cores, memory: Machine.memory, devices: nil)
    return options
  }
}
