import Artifacts
import Declaring
import Planning
import RetortTesting
import Testing

@Suite("What a plan says of each step")
struct StatusTests {
  let store = MemoryStore()
  var runner: SerialRunner { SerialRunner(store: store) }

  /// a → b → c, and d beside it.
  private func sample(factor: Int = 2, modulus: Int = 1_000_003, label: String = "b") -> Pipeline {
    pipeline {
      let a = stage("a", Constant(6))
      let b = stage(label, Scale(a, by: factor, modulo: modulus))
      stage("c", Sum([b, a]))
      stage("d", Divide(a, by: 4)).quotient
    }
  }

  private func plan(_ pipeline: Pipeline, _ change: (inout PlanOptions) -> Void = { _ in }) throws -> Plan {
    var options = PlanOptions()
    change(&options)
    return try Planner(store: store, options: options).plan(pipeline)
  }

  private func words(_ plan: Plan) -> [String] { plan.steps.map { "\($0.label): \(plan.explanation(of: $0))" } }

  @Test("On an empty store what has no inputs runs, and the rest waits for it")
  func first() throws {
    let plan = try plan(sample())
    #expect(
      words(plan) == ["a: runs: never computed", "b: waits for a", "c: waits for b, a", "d: waits for a"])
    #expect(plan.roots == [2, 3])
    #expect(plan.steps.map(\.dependentCount) == [3, 1, 0, 0])
    #expect(plan.steps[2].inputs.map(\.step) == [1, 0])
    #expect(plan.hits.isEmpty)
  }

  @Test("After a run all is cached, and the store is asked once")
  func second() async throws {
    try await runner.run(sample())
    let calls = store.lookups.count
    let plan = try plan(sample())
    #expect(plan.steps.allSatisfy { $0.cached != nil })
    #expect(plan.runSteps.allSatisfy { $0.outcome == .cached && $0.execution != nil })
    #expect(store.lookups.count == calls + 1)
    #expect(try await runner.run(sample()) == [])
  }

  @Test("A changed option is named with its old and new value, and what depends on it waits")
  func changed() async throws {
    try await runner.run(sample())
    let plan = try plan(sample(factor: 3))
    #expect(
      words(plan) == [
        "a: cached since run 1", "b: runs: option factor: 2 → 3 (since the last run of “b”)", "c: waits for b",
        "d: cached since run 1",
      ])
    #expect(try await runner.run(sample(factor: 3)) == ["b", "c"])
  }

  @Test("A stage that gives its old bytes stops the rerun below it")
  func earlyCutoff() async throws {
    try await runner.run(sample(modulus: 1_000))
    #expect(try await runner.run(sample(modulus: 2_000)) == ["b"], "6 · 2 is 12 modulo either")
  }

  @Test("A new label alone runs nothing; with a change it is compared with the stage of the same type")
  func relabelled() async throws {
    try await runner.run(sample())
    #expect(try plan(sample(label: "new")).steps.allSatisfy { $0.cached != nil })
    #expect(
      words(try plan(sample(factor: 5, label: "new")))[1]
        == "new: runs: option factor: 2 → 5 (since the last run of “b”)")
  }

  @Test("Of several stages of the type the nearest is compared")
  func nearest() async throws {
    func wide(_ change: (inout Wide) -> Void, label: String) -> Pipeline {
      var changed = Wide(nil, nil, name: "x")
      change(&changed)
      var far = Wide(nil, nil, name: "far")
      far.alpha = 0.1
      far.epochs = 9
      return pipeline {
        stage("far", far)
        stage(label, changed)
      }
    }
    try await runner.run(wide({ _ in }, label: "near"))
    let step = try #require(try plan(wide({ $0.epochs = 4 }, label: "other")).step(labelled: "other"))
    guard case .execute(.changed(let difference, since: "near")) = step.status else {
      Issue.record("\(step.status)")
      return
    }
    #expect(difference.changes.map(\.description) == ["option epochs: 3 → 4"])
  }

  @Test("Another file's content reruns, another path of it does not")
  func sources() async throws {
    let folder = try TestFolder()
    let (one, copy) = (try folder.file("one", "12"), try folder.file("copy", "12"))
    func reading(_ file: FilePath) -> Pipeline { pipeline { stage("read", ReadNumber(SourceFile(file))) } }
    try await runner.run(reading(one))
    #expect(try await runner.run(reading(copy)) == [])
    _ = try folder.file("one", "13")
    let reason = words(try plan(reading(one)))[0]
    #expect(reason.hasPrefix("read: runs: content of file: 6b51d431df5d → 3fdba35f04dc"))
  }

  @Test("A result that the store lost is said to be lost")
  func lost() async throws {
    try await runner.run(sample())
    let digest = try #require(try plan(sample()).steps[1].cached?.outputs[""]?.digest)
    store.lose(digest)
    #expect(words(try plan(sample()))[1] == "b: runs: its result is no longer in the cache")
  }

  @Test("A step that failed, or was not finished, is said so")
  func unfinished() async throws {
    let plan = try plan(sample())
    let key = try #require(plan.steps[0].key)
    let identity = plan.steps[0].identity
    for (outcome, reason) in [
      (StepOutcome.failed, "it failed in the last run"), (.pending, "the last run did not finish it"),
    ] {
      let request = RunRequest(
        pipeline: "pipeline", arguments: [], options: [:], startedAt: 0, profile: .unknown)
      _ = try store.beginRun(
        request, steps: [RunStep(label: "a", stage: identity, key: key, outcome: outcome)], hits: [])
      #expect(words(try self.plan(sample()))[0] == "a: runs: \(reason)")
    }
  }

  @Test("Forced steps run, and what depends on them waits for their bytes")
  func forced() async throws {
    try await runner.run(sample())
    let one = try plan(sample()) { $0.force = .labels(["b"]) }
    #expect(words(one)[1...2] == ["b: runs: forced", "c: waits for b"])
    #expect(try await runner.run(one) == ["b"], "the same bytes again")
    let all = try plan(sample()) { $0.force = .everything }
    #expect(try await runner.run(all) == ["a", "b", "c", "d"])
  }

  @Test("--until, --from and --only select by the graph")
  func selection() async throws {
    func selected(_ change: (inout PlanOptions) -> Void) throws -> [String] {
      try plan(sample(), change).steps.filter(\.isSelected).map(\.label)
    }
    #expect(try selected { $0.until = ["b"] } == ["a", "b"])
    #expect(try selected { $0.from = ["a"] } == ["a", "b", "c", "d"])
    #expect(try selected { $0.only = ["a"] } == ["a"])
    let partial = try plan(sample()) { $0.until = ["b"] }
    #expect(words(partial)[2...] == ["c: not selected", "d: not selected"])
    try await runner.run(partial)
    #expect(try selected { $0.from = ["b"] } == ["b", "c"])
    let only = try plan(sample()) { $0.only = ["d"] }
    #expect(words(only)[0...1] == ["a: not selected (cached)", "b: not selected (cached)"])
    #expect(try await runner.run(only) == ["d"])
    let forced = try plan(sample()) { ($0.only, $0.force) = (["b"], .everything) }
    #expect(forced.steps.filter(\.isForced).map(\.label) == ["b"])
  }

  @Test("A stage that no root needs is a warning with its label, and its faults are none")
  func unreached() throws {
    let plan = try plan(
      pipeline {
        let a = stage("a", Constant(1))
        let _ = stage("lonely", Scale(a, by: 0))
        Sum([a])
      })
    #expect(plan.steps.map(\.label) == ["a", "Sum"])
    #expect(plan.warnings.map(\.description).filter { $0.contains("“lonely”") }.count == 1)
    #expect(plan.warnings.count == 1)
  }

  @Test("Unlabelled stages are named for their type, beside given labels")
  func labels() throws {
    let plan = try plan(
      pipeline {
        let a = stage("Sum", Constant(1))
        Sum([a])
        Sum([a, a])
        With(Set([1]))
      })
    #expect(plan.steps.map(\.label) == ["Sum", "Sum-2", "Sum-3", "With"])
  }

  @Test("Measured stages are keyed with the machine, others are not")
  func measured() async throws {
    let observing = pipeline {
      stage("o", Observe(stage("a", Constant(6))))
      stage("s", UsesObserve())
    }
    try await runner.run(observing)
    var machine = MachineProfile.unknown
    machine.processor = "another"
    var options = PlanOptions()
    options.machine = machine
    let plan = try Planner(store: store, options: options).plan(observing)
    #expect(plan.steps.map { $0.cached != nil } == [true, false, false])
    #expect(plan.steps.map(\.determinism) == [.bitwise, .measured, .measured])
    #expect(words(plan)[1] == #"o: runs: machine.processor: "unknown" → "another" (since the last run of “o”)"#)
  }

  @Test("The default seed is the key of stages without their own")
  func seeds() async throws {
    let seeded = pipeline { stage("s", Spell(stage("a", Constant(4)))) }
    try await runner.run(seeded)
    #expect(words(try plan(seeded) { $0.defaultSeed = 7 })[1].contains("option seed: 0 → 7"))
  }

  @Test("The facts of what is cached override forecasts, through bundles too")
  func facts() async throws {
    // The forecast of a sum knows nothing; the number itself does.
    func summing(_ value: Int, checked: Bool) -> Pipeline {
      pipeline {
        let sum = stage("sum", Sum([stage("a", Constant(value))]))
        let halves = stage("halves", Divide(sum, by: 2))
        if checked { stage("check", TakesEven(halves.quotient)) } else { halves.quotient }
      }
    }
    let before = try plan(summing(6, checked: true))
    #expect(before.step(labelled: "sum")?.facts.examples == nil)
    try await runner.run(summing(6, checked: false))
    #expect {
      try plan(summing(6, checked: true))
    } throws: { error in
      (error as? PlanFaults)?.faults.map { $0.place.stage } == ["check"]
    }
    try await runner.run(summing(8, checked: false))
    #expect(try plan(summing(8, checked: true)).step(labelled: "halves")?.facts.port("quotient").examples == 4)
  }

  @Test("Facts are checked again once they are those of real artifacts")
  func recheck() throws {
    let plan = try plan(pipeline { stage("check", TakesEven(stage("sum", Sum([stage("a", Constant(3))])))) })
    #expect(plan.faults(of: 2) { _ in nil }.isEmpty)
    let faults = plan.faults(of: 2) { $0 == 1 ? Number(3).facts : nil }
    #expect(faults.map { $0.place.stage } == ["check"])
  }

  @Test("A plan prints every step with its reason")
  func printed() async throws {
    try await runner.run(sample())
    let text = try plan(sample(factor: 3)).description
    #expect(
      text == """
        pipeline: 4 stages, 1 to run, 1 waiting, 2 cached
          = a  test.constant@1  cached since run 1
          > b  test.scale@1  runs: option factor: 2 → 3 (since the last run of “b”)
          . c  test.sum@1  waits for b
          = d  test.divide@1  cached since run 1
        """)
    let step = try #require(try plan(sample()).step(labelled: "b"))
    #expect(step.optionValues.map { "\($0.name) = \($0.value)" } == ["factor = 2", "modulus = 1000003"])
  }
}

/// Runs a measured stage inside itself.
private struct UsesObserve: Stage {
  static let id = "test.uses-observe"
  static let version = 1
  static var uses: [any Stage.Type] { [Observe.self] }
  func run(_ context: StageContext) async throws -> Number { Number(1) }
}
