import Artifacts
import Declaring
import Planning
import RetortTesting
import Testing

@Suite("Random pipelines, edited at random")
struct RandomHistoryTests {
  /// Eight histories of 25 edits each.
  @Test("A plan and its run do exactly what a naive evaluator would", arguments: 0..<8)
  func edits(seed: Int) async throws {
    var random = Seeded(UInt64(seed))
    var sketch = Sketch(count: 30, using: &random)
    let store = MemoryStore()
    let oracle = NaiveEvaluator()
    for edit in 0..<26 {
      if edit > 0 { sketch.edit(using: &random) }
      oracle.evaluate(sketch)
      let plan = try Planner(store: store).plan(sketch.declared())
      checkOrder(plan)
      #expect(Set(plan.steps.map(\.label)) == oracle.reached)
      for step in plan.steps {
        let words = try #require(oracle.wordsOfNode[step.label])
        switch step.status {
        case .cached: #expect(!oracle.ran.contains(words), "\(step.label) should run")
        case .execute: #expect(oracle.ran.contains(words), "\(step.label) should not run")
        case .waiting: break
        case .unselected: Issue.record("\(step.label) was not asked for, but all is")
        }
      }
      let ran = try await SerialRunner(store: store).run(plan)
      let words = ran.compactMap { oracle.wordsOfNode[$0] }
      #expect(Set(words) == oracle.ran, "seed \(seed), edit \(edit)")
      #expect(words.count == Set(words).count, "nothing is computed twice")
      oracle.finish()
      let again = try Planner(store: store).plan(sketch.declared())
      #expect(again.steps.allSatisfy { $0.cached != nil })
    }
  }

  /// Every step comes after its inputs, and knows exactly those that need it.
  private func checkOrder(_ plan: Plan) {
    var needed: [Int: Set<Int>] = [:]
    for step in plan.steps {
      #expect(plan.steps[step.index].label == step.label)
      for input in step.inputs {
        #expect(input.step < step.index)
        needed[input.step, default: []].insert(step.index)
      }
    }
    for step in plan.steps {
      #expect(plan.dependents(of: step.index).map(Int.init) == (needed[step.index] ?? []).sorted())
      #expect(step.dependentCount == needed[step.index]?.count ?? 0)
    }
  }

  @Test("Equal stages of unlike labels have one key, unlike ones have unlike keys")
  func keys() async throws {
    var random = Seeded(99)
    let sketch = Sketch(count: 60, using: &random)
    let (store, oracle) = (MemoryStore(), NaiveEvaluator())
    oracle.evaluate(sketch)
    try await SerialRunner(store: store).run(sketch.declared())
    let plan = try Planner(store: store).plan(sketch.declared())
    var wordsOfKey: [Key: String] = [:]
    var keyOfWords: [String: Key] = [:]
    for step in plan.steps {
      let (key, words) = (try #require(step.key), try #require(oracle.wordsOfNode[step.label]))
      #expect(wordsOfKey.updateValue(words, forKey: key) ?? words == words)
      #expect(keyOfWords.updateValue(key, forKey: words) ?? key == key)
    }
  }
}

@Suite("Large pipelines")
struct LargePipelineTests {
  @Test("A chain of 100,000 stages is planned and freed")
  func chain() throws {
    let chain = pipeline {
      var last = stage("0", Constant(1))
      for index in 1..<100_000 { last = stage("\(index)", Scale(last, by: 2)) }
      return PipelineBuilder.buildFinalResult([last.edge])
    }
    let plan = try Planner(store: MemoryStore()).plan(chain)
    #expect(plan.steps.count == 100_000)
    #expect(plan.steps[99_999].inputs.map(\.step) == [99_998])
  }

  @Test("A stage with 3,000 inputs finds each of them once")
  func fan() async throws {
    let wide = pipeline {
      let constants = (0..<3_000).map { stage("c\($0)", Constant($0 % 50)) }
      Sum(constants + constants)
    }
    let store = MemoryStore()
    let plan = try Planner(store: store).plan(wide)
    #expect(plan.steps.last?.inputs.count == 3_000)
    #expect(plan.dependents(of: 0).map(Int.init) == [3_000])
    try await SerialRunner(store: store).run(plan)
    let again = try Planner(store: store).plan(wide)
    #expect(again.steps.allSatisfy { $0.cached != nil })
  }

  @Test("Known keys are looked up in waves, not one by one")
  func waves() async throws {
    let layered = pipeline {
      let bottom = (0..<50).map { stage("a\($0)", Constant($0)) }
      Sum(bottom.enumerated().map { stage("b\($0.offset)", Scale($0.element, by: 3)) })
    }
    let store = MemoryStore()
    try await SerialRunner(store: store).run(layered)
    // Another pipeline's name: nothing is known of earlier runs, so keys are asked for as they become known.
    let calls = store.lookups.count
    let plan = try Planner(store: store, options: PlanOptions(pipeline: "other")).plan(layered)
    #expect(plan.steps.allSatisfy { $0.cached != nil })
    #expect(Array(store.lookups[calls...]) == [50, 50, 1])
  }
}
