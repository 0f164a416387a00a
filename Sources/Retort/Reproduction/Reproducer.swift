import Declaring
import Executing
import Inspecting
import Planning
import Storing

/// Carries out recorded recipes again, in a cache of their own, and compares what they give.
package final class Reproducer {
  package struct Options: Sendable {
    /// Where files of the user's may lie that are no longer where they were.
    package var data: [FilePath] = []
    /// Computes everything that it was made from again, too.
    package var isFromSources = false
    /// Computes also what was recorded with other numerics.
    package var takesAnyProfile = false
    package var threads = Machine.cores
    /// The ids of the devices that stages may ask for, by name.
    package var devices: [String: [String]] = [:]

    package init() {}
  }

  private let cache: Cache
  private let registry: StageRegistry
  private let options: Options
  private let store: ScratchStore
  private let folder: FilePath
  private let machine = Machine.profile
  private let makeEvents: () -> EventBus
  /// Is told of each scheduler that begins.
  private let watch: (Scheduler) -> Void
  /// What was computed here, by the execution that it repeats.
  private var made: [Int64: (reproduction: Reproduction, execution: Execution)] = [:]

  /// - Parameter folder: for the scratch cache; it must be empty or missing, and is the caller's to remove.
  package init(
    _ cache: Cache, registry: StageRegistry, options: Options, scratch folder: FilePath,
    events: @escaping () -> EventBus = { EventBus([]) }, watch: @escaping (Scheduler) -> Void = { _ in }
  ) throws {
    (self.cache, self.registry, self.options, self.folder) = (cache, registry, options, folder)
    (makeEvents, self.watch) = (events, watch)
    store = ScratchStore(base: cache, scratch: try Cache(folder.appending("cache")))
  }

  /// Carries out an execution's recipe again.
  ///
  /// - Throws: `RetortError` where it cannot be: its stage is not known, a file or an input is gone, or it failed.
  package func reproduce(_ execution: Execution, label: String) async throws -> Reproduction {
    let recipe = try recipe(of: execution)
    if registry.types(of: recipe.decoder.stage.id).contains(where: { $0.determinism == .measured }) {
      return Reproduction(label: label, execution: execution, outcome: .measured, profile: machine.numerics)
    }
    guard options.takesAnyProfile || execution.details.profile == machine.numerics else {
      return Reproduction(label: label, execution: execution, outcome: .otherProfile, profile: machine.numerics)
    }
    var before: [Reproduction] = []
    // Everything before it that is needed, without recursion: a chain may be long.
    var stack = [(execution: execution, label: label)]
    while let current = stack.last {
      let needed = try neededGivers(of: current.execution)
      if let next = needed.first {
        guard stack.count < 100_000 else { throw Self.gone(current.label) }
        stack.append((next, try Labels(cache).name(of: next.key) ?? next.stage.id))
        continue
      }
      stack.removeLast()
      let (reproduction, computed) = try await compute(current.execution, label: current.label)
      made[current.execution.id] = (reproduction, computed)
      guard !stack.isEmpty else {
        var result = reproduction
        result.before = before
        return result
      }
      before.append(reproduction)
      if reproduction.outcome == .different {
        throw RetortError(
          "reproduce.ancestor",
          "“\(current.label)”, which “\(label)” was made from, was computed again with other bytes, so its recipe has another input.",
          remedy: "Look at that one first: reproduce \(current.execution.key.digest.short).", blame: .environment)
      }
    }
    throw RetortError("reproduce.nothing", "Nothing was computed.", blame: .internal)
  }

  private func recipe(of execution: Execution) throws -> (recipe: Recipe, decoder: RecipeDecoder) {
    guard let recipe = try cache.recipe(of: execution.key) else {
      throw RetortError("reproduce.recipe", "The cache has no recipe of \(execution.key.digest.short) any more.")
    }
    return (recipe, try RecipeDecoder(recipe))
  }

  private func giver(of digest: Digest, to execution: Execution) throws -> Execution {
    guard let giver = try cache.reading({ try $0.giver(of: digest, to: execution) }) else {
      throw Self.gone(execution.stage.id)
    }
    return giver
  }

  private static func gone(_ label: String) -> RetortError {
    RetortError(
      "reproduce.input", "What gave an input of “\(label)” is no longer in the cache.",
      remedy: "Run the pipeline again.")
  }

  /// Those that gave an input and must be computed first.
  private func neededGivers(of execution: Execution) throws -> [Execution] {
    try recipe(of: execution).decoder.inputs.map { try giver(of: $0, to: execution) }.filter { giver in
      guard made[giver.id] == nil else { return false }
      return try options.isFromSources || !cache.hasContents(of: giver)
    }
  }

  // MARK: One recipe

  private func compute(_ execution: Execution, label: String) async throws -> (Reproduction, Execution) {
    let plan = try plan(execution, label: label)
    let request = RunRequest(
      pipeline: "reproduce", arguments: [], options: [:], startedAt: WallClock.now, profile: machine.numerics)
    var runOptions = RunOptions(threads: options.threads)
    runOptions.memory = Machine.usableMemory
    runOptions.devices = options.devices
    if plan.step(labelled: label)?.determinism == .measured {
      return (
        Reproduction(label: label, execution: execution, outcome: .measured, profile: machine.numerics), execution
      )
    }
    let scheduler = Scheduler(plan: plan, store: store, request: request, options: runOptions, events: makeEvents())
    watch(scheduler)
    let summary = try await scheduler.run()
    if let error = summary.errors.first { throw error }
    guard let computed = summary.executions[label] else { throw CancellationError() }
    let isEqual = execution.outputs.mapValues(\.digest) == computed.outputs.mapValues(\.digest)
    var reproduction = Reproduction(
      label: label, execution: execution, outcome: isEqual ? .equal : .different, profile: machine.numerics,
      computed: computed)
    reproduction.seconds = summary.seconds
    return (reproduction, computed)
  }

  /// A plan of the stage over its recorded inputs. Its key is the recorded one: what was decoded is all of the recipe.
  private func plan(_ execution: Execution, label: String) throws -> Plan {
    let (recipe, decoder) = try recipe(of: execution)
    let sources = try SourceFinder(cache: cache, data: options.data).sources(of: decoder.sources)
    let inputs = try decoder.inputs.map { digest in
      let giver = try giver(of: digest, to: execution)
      let shown = made[giver.id]?.execution ?? giver
      let input = RecordedInput(digest)
      // A digest of the whole of several outputs is that of no port.
      try store.give(input, shown, port: shown.outputs.first { $0.value.digest == digest }?.key)
      return (digest, input)
    }
    var reasons: [String] = []
    for type in registry.types(of: decoder.stage.id) {
      do {
        let plan = try plan(type, decoder, inputs, sources, label)
        guard let step = plan.step(labelled: label) else { continue }
        if step.key == recipe.key { return plan }
        reasons.append("\(type) has another key for the same options")
      } catch let error as RetortError {
        reasons.append(error.message)
      } catch let error as PlanFaults {
        reasons.append(error.faults.first?.message ?? "\(error)")
      }
    }
    throw refusal(of: decoder.stage, label: label, reasons)
  }

  private func plan(
    _ type: any Stage.Type, _ decoder: RecipeDecoder, _ inputs: [(Digest, RecordedInput)],
    _ sources: [Digest: SourceDeclaration], _ label: String
  ) throws -> Plan {
    let pipeline = try Pipeline.declared {
      var known: [Digest: Edge] = [:]
      for (position, (digest, input)) in inputs.enumerated() {
        known[digest] = stage("\(label)/input-\(position + 1)", input).edge
      }
      let edges = known
      let substitutes = RecipeDecoder.Substitutes(
        edge: { digest in
          guard let edge = edges[digest] else { throw Self.gone(label) }
          return edge
        },
        source: { digest in
          guard let source = sources[digest] else { throw Self.gone(label) }
          return source
        }, unkeyed: folder.appending("delivered").string)
      return PipelineBuilder.buildFinalResult([try Self.declare(type, label, decoder, substitutes)])
    }
    var options = PlanOptions(pipeline: "reproduce")
    options.machine = machine
    return try Planner(store: store, options: options).plan(pipeline)
  }

  private static func declare<S: Stage>(
    _ type: S.Type, _ label: String, _ decoder: RecipeDecoder, _ substitutes: RecipeDecoder.Substitutes
  ) throws -> Edge {
    stage(label, try decoder.decode(type, with: substitutes)).edge
  }

  private func refusal(of stage: StageIdentity, label: String, _ reasons: [String]) -> RetortError {
    let types = registry.types(of: stage.id)
    guard let known = types.first else {
      return RetortError(
        "reproduce.stage", "“\(label)” was computed by the stage “\(stage.id)”, which this program does not have.",
        remedy: "Use the program of the pipeline that ran it: PROGRAM reproduce \(label).")
    }
    guard known.version == stage.version else {
      return RetortError(
        "reproduce.version",
        "“\(label)” was computed by version \(stage.version) of “\(stage.id)”; this program has version \(known.version).",
        remedy: "Use the program that ran it.")
    }
    return RetortError(
      "reproduce.recipe",
      "The recipe of “\(label)” does not make the stage “\(stage)” again: \(reasons.joined(separator: "; ")).",
      remedy: "Use the program of the pipeline that ran it.")
  }
}
