import Artifacts
import Declaring
import Executing
import Planning
import RetortTesting
import Testing

@testable import Stages

/// Choosing among models whose figures are known.
struct BestTests {
  private let services = FakeServices()

  private func model(answering answer: Int, layers: Int = 1) async throws -> Ref<Model<Classifier>> {
    try services.input(await services.result(of: ConstantModel(answer: answer, layers: layers)))
  }

  private func best(
    of models: [Ref<Model<Classifier>>], by figure: ModelFigure = .accuracy, where constraints: [ModelConstraint] = []
  ) async throws -> Best<Classification> {
    let data = try services.input(await services.result(of: FourTexts()))
    return Best(of: models, by: figure, on: data, where: constraints, length: 16, sentences: 4, rounds: 1)
  }

  private func chosen(_ best: Best<Classification>) async throws -> Int? {
    let folder = try await services.result(of: best).folder
    let folders = try best.models.map { try services.stored($0.edge).content }
    return folders.firstIndex(of: .folder(folder))
  }

  @Test func takesTheBestAndTheFirstOfEquals() async throws {
    let models = [try await model(answering: 1), try await model(answering: 0), try await model(answering: 0)]
    #expect(try await chosen(best(of: models)) == 1)
    #expect(services.journal.metrics["accuracy"] == 0.75 && services.journal.metrics["candidate"] == 2)
    #expect(services.journal.substages == Array(repeating: "evaluate.model", count: 3))
    #expect(try await chosen(best(of: [models[0], models[0]])) == 0)
    #expect(try await chosen(best(of: models.reversed(), by: .macroF1)) == 0)
  }

  @Test func smallerIsBetterForSizes() async throws {
    let models = [
      try await model(answering: 0, layers: 3), try await model(answering: 1, layers: 2),
      try await model(answering: 0, layers: 2),
    ]
    for figure in [ModelFigure.parameters, .bytes] { #expect(try await chosen(best(of: models, by: figure)) == 1) }
    #expect(services.journal.substages.isEmpty, "sizes are read from the folder")
    _ = try await chosen(best(of: models, by: .latency(.p50)))
    #expect(Set(services.journal.substages) == ["evaluate.speed"])
    #expect((services.journal.metrics["p50"] ?? 0) > 0)
  }

  @Test func constraintsExclude() async throws {
    let models = [
      try await model(answering: 0, layers: 3), try await model(answering: 1, layers: 1),
      try await model(answering: 0, layers: 2),
    ]
    let counts = try models.map { try #require(try services.stored($0.edge).facts.parameters) }
    #expect(try await chosen(best(of: models, where: [.parameters(below: counts[0])])) == 2)
    #expect(try await chosen(best(of: models, where: [.parameters(below: counts[0] + 1)])) == 0)
    #expect(try await chosen(best(of: models, where: [.parameters(below: counts[2])])) == 1)
    #expect(try await chosen(best(of: models, by: .bytes, where: [.accuracy(atLeast: 0.75)])) == 2)
    #expect(try await chosen(best(of: models, where: [.latency(.p95, below: .seconds(60))])) == 0)
  }

  @Test func nothingFits() async throws {
    let models = [try await model(answering: 0), try await model(answering: 1)]
    let stage = try await best(
      of: models, where: [.accuracy(atLeast: 0.7), .bytes(below: 3), .latency(.p50, below: .nanoseconds(1))])
    let error = await #expect(throws: RetortError.self) { _ = try await services.result(of: stage) }
    let message = try #require(error).message
    #expect(error?.code == "goal.missed" && error?.remedy.isEmpty == false)
    let lines = message.split(separator: "\n").map(String.init)
    #expect(lines.count == 3)
    #expect(lines[1].contains("number 1: accuracy 75.0 %") && !lines[1].contains("not accuracy"))
    #expect(lines[2].contains("number 2: accuracy 25.0 %") && lines[2].contains("not accuracy at least 70.0 %"))
    for line in lines.dropFirst() {
      for part in ["macro F1", "parameters", "not bytes below 3", "not latency p50 below 1e-06 ms", "latency p95"] {
        #expect(line.contains(part), "\(part) in \(line)")
      }
    }
  }

  @Test func theKeyCoversEverything() async throws {
    let models = [try await model(answering: 0), try await model(answering: 1)]
    let other = try services.input(await services.result(of: FourTexts()))
    try expectKeyCoversEveryProperty(
      of: await best(of: models, where: [.bytes(below: 5)]),
      changing: [
        "models": { $0.models.reverse() }, "figure": { $0.figure = .p50 }, "data": { $0.data = other },
        "constraints": { $0.constraints[0].limit = 6 }, "length": { $0.length = 9 }, "sentences": { $0.sentences = 9 },
        "rounds": { $0.rounds = 9 },
        "names": { best in
          _ = Pipeline.declared {
            let ref = stage("label", ConstantModel(answer: 0))
            best.names = Captions(of: [ref])
            return PipelineBuilder.buildFinalResult([ref.edge])
          }
        },
      ], unkeyed: ["names"])
  }

  @Test func whatPlanningFinds() throws {
    let stubs = Stubs()
    let data = try stubs.data(facts { $0.labels = ["a", "b"] })
    func fields(_ models: [Ref<Model<Classifier>>], _ constraints: [ModelConstraint] = [], length: Int = 16)
      -> [String?]
    {
      stubs.services.faults(of: Best(of: models, on: data, where: constraints, length: length)).map(\.place.field)
    }
    let model = try stubs.model(
      Classifier.self,
      facts {
        ($0.labels, $0.positions, $0.parameters, $0.hidden) = (["a", "b"], 32, 100, 8)
      })
    let other = try stubs.model(
      Classifier.self,
      facts {
        ($0.labels, $0.positions, $0.parameters, $0.hidden) = (["a", "c"], 16, 50, 8)
      })
    #expect(fields([model, model], [.bytes(below: 1), .accuracy(atLeast: 1)]) == [])
    #expect(fields([]) == ["models"])
    #expect(fields([model, other], length: 17) == ["models", "length"])
    #expect(fields([other]) == ["data"])
    #expect(fields([model], [.parameters(below: 101)]) == [])
    #expect(fields([model], [.parameters(below: 100)]) == ["constraints"])
    #expect(
      fields(
        [model], [.bytes(below: 0), .accuracy(atLeast: 90), .macroF1(atLeast: .nan), .latency(.p50, below: .zero)])
        == Array(repeating: "constraints", count: 4))
    let known = stubs.services.forecast(of: Best(of: [model, other], on: data))
    #expect(known.hidden == 8 && known.positions == nil && known.labels == nil)
  }
}

/// The same in a run: what is shared, what reruns, what the key holds.
struct BestRunTests {
  private func pipeline(
    _ answers: [Int], by figure: ModelFigure = .accuracy, where constraints: [ModelConstraint] = []
  ) -> Pipeline {
    .declared {
      let data = stage("data", FourTexts())
      let models = answers.enumerated().map { index, answer in
        stage("model-\(index)", ConstantModel(answer: answer, layers: index + 1))
      }
      let best = stage(
        "best", Best(of: models, by: figure, on: data, where: constraints, length: 16, sentences: 4, rounds: 1))
      let after = stage("after", Quantize(best))
      return PipelineBuilder.buildFinalResult([after.edge])
    }
  }

  private func run(_ pipeline: Pipeline, in store: MemoryStore) async throws -> (RunSummary, ran: [String]) {
    let plan = try Planner(store: store).plan(pipeline)
    let request = RunRequest(pipeline: "test", arguments: [], options: [:], startedAt: 0, profile: .unknown)
    let summary = try await Scheduler(
      plan: plan, store: store, request: request, options: RunOptions(threads: 2), events: EventBus([])
    ).run()
    let ran = summary.steps.filter { if case .ran = $0.status { true } else { false } }
    return (summary, ran.map(\.label))
  }

  private func digest(_ label: String, _ summary: RunSummary) -> Digest? {
    summary.steps.first { $0.label == label }?.execution?.digest(port: "")
  }

  @Test func onlyWhatIsTouchedRunsAgain() async throws {
    let store = MemoryStore()
    let (first, ran) = try await run(pipeline([1, 0]), in: store)
    #expect(
      Set(ran) == ["data", "model-0", "model-1", "best", "best/Evaluate", "best/Evaluate-2", "after"], "\(ran)")
    // What is chosen is the model itself.
    #expect(digest("best", first) == digest("model-1", first) && digest("best", first) != nil)
    #expect(first.steps.first { $0.label == "best" }?.execution?.details.metrics["accuracy"] == 0.75)
    #expect(try await run(pipeline([1, 0]), in: store).ran == [])

    // A further candidate: it, its evaluation, and the choice; what is chosen stays, so nothing below runs.
    #expect(try await run(pipeline([1, 0, 1]), in: store).ran.sorted() == ["best", "best/Evaluate-3", "model-2"])
    // Another candidate in the place of one.
    #expect(
      try await run(pipeline([0, 0, 1]), in: store).ran.sorted() == ["after", "best", "best/Evaluate", "model-0"])
    // A constraint alone measures nothing anew.
    #expect(try await run(pipeline([1, 0, 1], where: [.accuracy(atLeast: 0.5)]), in: store).ran == ["best"])
    // One by latency measures, and only that.
    let timed = [ModelConstraint.latency(.p50, below: .seconds(60))]
    #expect(
      try await run(pipeline([1, 0], where: timed), in: store).ran.sorted()
        == ["best", "best/Benchmark", "best/Benchmark-2"])
    #expect(try await run(pipeline([1, 0], where: timed), in: store).ran == [])
  }

  @Test func onlyAChoiceByLatencyIsMeasured() throws {
    func plan(_ constraints: [ModelConstraint], by figure: ModelFigure = .accuracy, on processor: String) throws
      -> (Determinism?, [String], RecipeTree?)
    {
      var options = PlanOptions(pipeline: "test")
      options.machine = MachineProfile(processor: processor, cores: 2, memory: 4, numerics: .unknown)
      let step = try Planner(store: MemoryStore(), options: options).plan(
        pipeline([0, 1], by: figure, where: constraints)
      )
      .step(labelled: "best")
      let tree = try step?.template.tree
      let used = tree?.leaves.map(\.path).filter { $0.hasPrefix("uses[") } ?? []
      return (step?.determinism, used, tree)
    }
    let timed = [ModelConstraint.latency(.p95, below: .milliseconds(2))]
    for (constraints, figure, used) in [
      ([ModelConstraint.bytes(below: 9)], ModelFigure.accuracy, ["uses[evaluate.model]"]),
      ([.bytes(below: 9)], .bytes, []),
    ] {
      let one = try plan(constraints, by: figure, on: "one")
      #expect(one.0 == .bitwise && one.1 == used)
      #expect(try plan(constraints, by: figure, on: "another").2 == one.2)
    }
    let one = try plan(timed, on: "one")
    #expect(one.0 == .measured && one.1 == ["uses[evaluate.model]", "uses[evaluate.speed]"])
    #expect(try plan(timed, on: "another").2 != one.2)
    #expect(try plan([], by: .latency(.p50), on: "one").0 == .measured)
  }

  @Test func messagesNameTheLabels() async throws {
    let (summary, _) = try await run(pipeline([1, 0], where: [.bytes(below: 1)]), in: MemoryStore())
    let error = try #require(summary.errors.first)
    #expect(error.code == "goal.missed")
    for part in ["model-0: accuracy 25.0 %", "model-1: accuracy 75.0 %", "not bytes below 1"] {
      #expect(error.message.contains(part), "\(error.message)")
    }
  }
}
