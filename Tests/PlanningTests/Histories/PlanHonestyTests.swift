import Artifacts
import Declaring
import Executing
import Planning
import RetortTesting
import Testing

/// What a plan promises of the next run, if nothing changes in between:
///
/// 1. A step that is cached or was not asked for is not executed, and a run takes the result that the plan names.
/// 2. Of the steps that it says to execute each is executed, but one alone of several with one key; a forced step always.
/// 3. A step that waits names exactly those of its inputs that are not cached. It is executed if, once they are there, its
///    key is not in the store, and found cached otherwise.
/// 4. A key that it names is the key that the run uses.
@Suite("Plans keep their word")
struct PlanHonestyTests {
  @Test("200 random edits: exactly the predicted stages run", arguments: 0..<8)
  func edits(seed: Int) async throws {
    var random = Seeded(UInt64(seed) &+ 300)
    let folder = try TestFolder()
    var sketch = Sketch(count: 24, files: ["3", "5", "8"], in: folder.path, using: &random)
    sketch.roots += [0, 1, 2]
    try sketch.writeFiles()
    let store = MemoryStore()
    let oracle = NaiveEvaluator()
    for number in 0...25 {
      let edit: SketchEdit = number == 0 ? .nothing : SketchEdit.allCases.randomElement(using: &random) ?? .nothing
      try sketch.apply(edit, using: &random)
      oracle.evaluate(sketch)
      var options = PlanOptions(pipeline: "honest")
      let labels = oracle.reached.sorted()
      switch Int.random(in: 0..<8, using: &random) {
      case 0: options.force = .everything
      case 1, 2: options.force = .labels(labels.filter { _ in Int.random(in: 0..<8, using: &random) == 0 })
      default: break
      }
      let plan = try Planner(store: store, options: options).plan(sketch.declared())
      let known = try store.executions(
        of: Array(Set(plan.steps.compactMap(\.key))), preferring: .unknown, pinnedBy: nil)
      let request = RunRequest(pipeline: "honest", arguments: [], options: [:], startedAt: 0, profile: .unknown)
      let before = Set(store.knownKeys)
      let summary = try await Scheduler(
        plan: plan, store: store, request: request, options: RunOptions(jobs: 3, threads: 2)
      ).run()
      let hint: Comment = "seed \(seed), edit \(number): \(edit)"
      #expect(summary.outcome == .succeeded, hint)
      try check(plan, known, before, summary, hint)
      checkAgainst(oracle, plan, summary, hint)
      oracle.finish()
    }
  }

  /// The four promises.
  private func check(
    _ plan: Plan, _ known: [Key: Execution], _ before: Set<Key>, _ summary: RunSummary, _ hint: Comment
  ) throws {
    var results: [String: StepResult] = [:]
    for result in summary.steps { results[result.label] = result }
    let executed = Set(summary.steps.filter(\.isExecuted).compactMap(\.key))
    for step in plan.steps {
      let result = try #require(results[step.label], hint)
      if let key = step.key { #expect(result.key == key, hint) }
      let key = try #require(result.key, hint)
      switch step.status {
      case .cached(let hit):
        #expect(!result.isExecuted && result.execution == hit && known[key] != nil, "\(hint): \(step.label)")
      case .execute(.forced): #expect(result.isExecuted, "\(hint): \(step.label) was forced")
      case .execute:
        #expect(!before.contains(key) && executed.contains(key), "\(hint): \(step.label) should run")
      case .waiting(let upstream):
        #expect(upstream == upstream.filter { plan.steps[$0].cached == nil } && !upstream.isEmpty, hint)
        let missing = step.inputs.map(\.step).filter { plan.steps[$0].cached == nil }
        #expect(Set(missing) == Set(upstream), hint)
        if step.isForced {
          #expect(result.isExecuted, hint)
        } else if before.contains(key) {
          #expect(!result.isExecuted, "\(hint): \(step.label) was there")
        } else {
          #expect(executed.contains(key), "\(hint): \(step.label) was not there")
        }
      case .unselected: Issue.record("\(hint): \(step.label) was asked for")
      }
    }
    // One key is computed once, but for those that were told to.
    let free = summary.steps.filter { result in
      result.isExecuted && !(plan.step(labelled: result.label)?.isForced ?? false)
    }
    #expect(Set(free.compactMap(\.key)).count == free.count, hint)
  }

  /// The same set, from an evaluator that knows no keys.
  private func checkAgainst(_ oracle: NaiveEvaluator, _ plan: Plan, _ summary: RunSummary, _ hint: Comment) {
    let ran = Set(summary.steps.filter(\.isExecuted).compactMap { oracle.wordsOfNode[$0.label] })
    let forced = Set(plan.steps.filter(\.isForced).compactMap { oracle.wordsOfNode[$0.label] })
    #expect(ran == oracle.ran.union(forced), hint)
    #expect(Set(plan.steps.map(\.label)) == oracle.reached, hint)
  }
}

extension StepResult {
  var isExecuted: Bool { if case .ran = status { true } else { false } }
}
