import Artifacts
import Declaring
import Executing
import Planning
import RetortTesting
import Testing
import Training

@testable import Stages

/// Trials whose scores are known: three of four texts are negative.
struct SearchTests {
  private let services = FakeServices()

  private func search(
    _ answers: [Int], target: Double? = nil, patience: Int? = nil
  ) async throws -> (trial: Double?, tried: Int) {
    let data = try services.input(await services.result(of: FourTexts()))
    let trials = answers.enumerated().map { ConstantModel(answer: $1, layers: $0 + 1) }
    let search = Search(trials, on: data, target: target, patience: patience, length: 16)
    #expect(services.faults(of: search).isEmpty)
    let before = services.journal.substages.count
    _ = try await services.result(of: search)
    return (services.journal.metrics["trial"], (services.journal.substages.count - before) / 2)
  }

  @Test func takesTheFirstOfTheBest() async throws {
    let found = try await search([1, 0, 0, 1])
    #expect(found.trial == 2 && found.tried == 4)
    #expect(services.journal.metrics["accuracy"] == 0.75)
    #expect(services.journal.substages.first == "test.constant-model")
  }

  @Test func endsAtItsTarget() async throws {
    let found = try await search([1, 0, 0, 1], target: 0.7)
    #expect(found.trial == 2 && found.tried == 2)
    #expect(try await search([1, 1], target: 0.7).tried == 2)
  }

  @Test func endsWhenNothingGetsBetter() async throws {
    #expect(try await search([1, 1, 1, 0], patience: 2).tried == 3)
    #expect(try await search([1, 0, 1, 1, 0], patience: 2).tried == 4)
  }

  @Test func faults() async throws {
    let data = try services.input(await services.result(of: FourTexts()))
    let none = Search([ConstantModel](), on: data)
    #expect(services.faults(of: none).map(\.place.field).contains("trials"))
    let odd = Search([ConstantModel(answer: 0)], on: data, by: .spearman, target: .infinity, patience: 0)
    let fields = services.faults(of: odd).map(\.place.field)
    #expect(fields.contains("patience") && fields.contains("target") && fields.contains("metric"))
  }

  /// A list that grows runs what is new, and the pipeline's own stages have the same keys.
  @Test func aPartlyChangedSearchRunsWhatChanged() async throws {
    let store = MemoryStore()
    func run(_ answers: [Int], sweep: Bool = false) async throws -> [String] {
      let pipeline = Pipeline.declared {
        let data = stage("data", FourTexts())
        let trials = answers.enumerated().map { ConstantModel(answer: $1, layers: $0 + 1) }
        if sweep {
          let each = ForEach("model", over: Array(trials.indices)) { trials[$0] }
          return PipelineBuilder.buildFinalResult(PipelineBuilder.buildExpression(each))
        }
        return PipelineBuilder.buildFinalResult([stage("search", Search(trials, on: data, length: 16)).edge])
      }
      let plan = try Planner(store: store, options: PlanOptions(pipeline: "test")).plan(pipeline)
      let summary = try await Scheduler(
        plan: plan, store: store,
        request: RunRequest(pipeline: "test", arguments: [], options: [:], startedAt: 0, profile: .unknown),
        options: RunOptions(threads: 2)
      ).run()
      #expect(summary.errors.isEmpty)
      return summary.steps.filter { if case .ran = $0.status { true } else { false } }.map(\.label)
    }
    #expect(try await run([1, 0]).count == 6)
    #expect(
      try await run([1, 0, 0]).filter { $0 != "search" } == ["search/ConstantModel-3", "search/Evaluate-3"])
    #expect(try await run([1, 0, 0]) == [])
    #expect(try await run([1, 0, 0, 1], sweep: true) == ["model-3"])
  }

  @Test func labelsOfASweep() {
    var labels: [String] = []
    let pipeline = Pipeline.declared {
      let each = ForEach("n", over: [0.3, 0.5]) { Constant(Int($0 * 10)) }
      let named = ForEach("m", over: [1, 2], named: { "v\($0)" }) { Constant($0 + 10) }
      #expect(each.values == [0.3, 0.5] && each.results.count == 2)
      return PipelineBuilder.buildFinalResult(
        PipelineBuilder.buildExpression(each) + RefBuilder.buildExpression(named).map(\.edge))
    }
    labels = pipeline.stages.compactMap(\.label)
    #expect(labels == ["n-0.3", "n-0.5", "m-v1", "m-v2"])
  }
}
