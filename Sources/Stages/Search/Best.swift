import Declaring
import Models
import Training

/// Chooses among models: the best by one figure of those that keep all constraints, the first of equals.
///
/// ```swift
/// let small = stage("small", Best(of: students, by: .accuracy, on: reviews.dev,
///                                 where: [.latency(.p50, below: .milliseconds(2)), .bytes(below: 1_000_000)]))
/// ```
/// Models are measured by `Evaluate` and `Benchmark` inside the stage, each only where a figure needs it, and each cached
/// for itself: another candidate or constraint repeats none of them. What is chosen is the model as it is, without a copy.
/// A choice by latency is an observation of this machine; any other is a function of the key.
public struct Best<Kind: LearnableTask>: Stage {
  public static var id: String { "search.best.\(Kind.Answers.name)" }
  public static var version: Int { 2 }
  public static var uses: [any Stage.Type] { [Evaluate.self, Benchmark.self] }

  var models: [Ref<Model<Kind.Answers>>]
  var figure: ModelFigure
  var data: Ref<TaskData<Kind>>
  var constraints: [ModelConstraint]
  var length: Int
  /// Of `Benchmark`.
  var sentences: Int
  var rounds: Int
  /// What the models are called in messages.
  var names: Captions

  /// - Parameters:
  ///   - models: the candidates, in the order that decides between equals.
  ///   - figure: more is better for scores, less for errors, sizes and times.
  ///   - data: what accuracy and latency are measured on: `dev`, since choosing is a way of training.
  ///   - constraints: all must be kept.
  ///   - length: longer texts are cut to this many tokens.
  ///   - sentences, rounds: see `Benchmark`.
  public init(
    of models: [Ref<Model<Kind.Answers>>], by figure: ModelFigure = .score(Kind.form.metric),
    on data: Ref<TaskData<Kind>>,
    where constraints: [ModelConstraint] = [], length: Int = 128, sentences: Int = 256, rounds: Int = 5
  ) {
    self.models = models
    self.figure = figure
    self.data = data
    self.constraints = constraints
    self.length = length
    self.sentences = sentences
    self.rounds = rounds
    names = Captions(of: models)
  }

  private func needs(_ source: ModelFigure.Source) -> Bool {
    figure.source == source || constraints.contains { $0.figure.source == source }
  }

  /// The metrics that are needed, the one to choose by first.
  private var metrics: [TaskMetric] {
    ([figure] + constraints.map(\.figure)).compactMap(\.metric).reduce(into: []) { metrics, metric in
      if !metrics.contains(metric) { metrics.append(metric) }
    }
  }

  public var uses: [any Stage.Type] {
    (needs(.evaluation) ? [Evaluate.self] : []) + (needs(.timing) ? [Benchmark.self] : [])
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(!models.isEmpty, "models", "There is nothing to choose from.", remedy: "Name at least one model.")
    for constraint in constraints {
      if let fault = constraint.fault { forecast.fault("constraints", fault, remedy: "Give another limit.") }
    }
    for metric in metrics {
      forecast.check(
        metric, for: Kind.form, labels: forecast[data].labels, field: metric == figure.metric ? "figure" : "constraints"
      )
    }
    let facts = models.map { forecast[$0] }
    if let first = facts.first {
      for other in facts.dropFirst() { forecast.check(first, other, field: "models", "The models differ") }
      forecast.check(first, forecast[data], field: "data", "The models and the data differ")
    }
    if needs(.evaluation) || needs(.timing) {
      forecast.check(length: length, positions: facts.compactMap(\.positions).min())
    }
    let counts = facts.compactMap(\.parameters)
    for constraint in constraints where constraint.figure == .parameters && !counts.isEmpty {
      forecast.require(
        counts.count < facts.count || counts.contains { constraint.isMet(by: Double($0)) }, "constraints",
        "No model has \(constraint.words): the smallest has \(counts.min() ?? 0).", remedy: "Raise the limit.")
    }
    return Facts.common(to: facts)
  }

  public func run(_ context: StageContext) async throws -> Model<Kind.Answers> {
    var best: Candidate?
    var all: [Candidate] = []
    for index in models.indices {
      let candidate = try await candidate(index, in: context)
      context.log(candidate.words)
      context.report(Progress(Double(index + 1), of: Double(models.count), unit: "models"))
      all.append(candidate)
      guard candidate.broken.isEmpty else { continue }
      if best.map({ isBetter(candidate, than: $0) }) ?? true { best = candidate }
    }
    guard let best else { throw Self.nothingFits(all) }
    context.log("chosen: \(best.name)")
    context.record("candidate", Double(best.index + 1))
    for (figure, value) in best.figures { context.record(figure.name, value) }
    return try context.load(models[best.index])
  }

  private func candidate(_ index: Int, in context: StageContext) async throws -> Candidate {
    let folder = try context.load(models[index]).folder
    var figures: [ModelFigure: Double] = [
      .parameters: Double(try ModelFolder.parameterCount(of: folder)),
      .bytes: Double(try ModelFolder.bytes(in: folder)),
    ]
    if needs(.evaluation) {
      // The usual figures come with one evaluation, the form's own; others need one of their own.
      let found = try await context.run(Evaluate(models[index], on: data, length: length))
      for figure in [found.primary] + found.others { figures[.score(figure.metric)] = figure.value }
      for metric in metrics where figures[.score(metric)] == nil {
        figures[.score(metric)] = try TaskScores(found.predictions()).value(of: metric)
      }
    }
    if needs(.timing) {
      let found = try await context.run(
        Benchmark(models[index], on: data, sentences: sentences, rounds: rounds, length: length))
      (figures[.p50], figures[.p95]) = (found.p50, found.p95)
    }
    return Candidate(
      index: index, name: names[index], figures: figures, shown: Set(metrics),
      broken: constraints.filter { constraint in !(figures[constraint.figure].map(constraint.isMet) ?? false) })
  }

  private func isBetter(_ one: Candidate, than other: Candidate) -> Bool {
    guard let left = one.figures[figure], let right = other.figures[figure] else { return false }
    return figure.prefersLess ? left < right : left > right
  }

  private static func nothingFits(_ all: [Candidate]) -> RetortError {
    guard !all.isEmpty else {
      return RetortError(
        "goal.missed", "There is nothing to choose from.", remedy: "Name at least one model.",
        at: Place(field: "models"))
    }
    let lines = all.map { "\n  \($0.words)" }.joined()
    return RetortError(
      "goal.missed", "No model of \(all.count) keeps all constraints:\(lines)",
      remedy: "Relax a constraint, or offer other models.", at: Place(field: "constraints"))
  }
}

extension Candidate {
  /// What is said of a model, in this order.
  fileprivate var order: [ModelFigure] {
    let usual: [TaskMetric] = [.accuracy, .macroF1]
    let more = shown.subtracting(usual).sorted { $0.name < $1.name }
    return (usual + more).map { .score($0) } + [.parameters, .bytes, .p50, .p95]
  }
}

/// A model with its figures.
private struct Candidate {
  var index: Int
  var name: String
  var figures: [ModelFigure: Double]
  /// The metrics that were asked for; a classifier's accuracy and macro F1 are always shown.
  var shown: Set<TaskMetric>
  /// The constraints that it does not keep.
  var broken: [ModelConstraint]

  var words: String {
    let known = order.compactMap { figure in figures[figure].map { "\(figure.words) \(figure.text($0))" } }
    let verdict = broken.isEmpty ? "" : "; not \(broken.map(\.words).joined(separator: ", not "))"
    return "\(name): \(known.joined(separator: ", "))\(verdict)"
  }
}

extension Facts {
  /// What is known alike of all.
  static func common(to all: [Facts]) -> Facts {
    guard var common = all.first else { return .unknown }
    for other in all.dropFirst() {
      func keep<Value: Equatable>(_ field: WritableKeyPath<Facts, Value?>) {
        if common[keyPath: field] != other[keyPath: field] { common[keyPath: field] = nil }
      }
      keep(\.family)
      keep(\.tokenizer)
      keep(\.precision)
      keep(\.labels)
      for field in [\Facts.layers, \.hidden, \.heads, \.intermediate, \.vocabulary, \.positions, \.parameters] {
        keep(field)
      }
      common.other = common.other.filter { other.other[$0.key] == $0.value }
    }
    return common
  }
}
