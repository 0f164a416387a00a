import Inspecting
import Planning
import Storing

/// How long the steps of a plan will take, as far as earlier runs tell.
struct PlanTimes {
  struct Estimate: Sendable, Hashable {
    var seconds: Double
    /// Whether it is what the same stage took, and not others of its kind.
    var isOwn: Bool

    var text: String { "about \(Figures.roughDuration(seconds))\(isOwn ? "" : ", as others of its kind")" }
  }

  private var estimates: [Int: Estimate] = [:]
  /// How many of the steps that run, or may run, have an estimate and how many have none.
  private(set) var known = 0
  private(set) var unknown = 0
  /// The sum of the estimates.
  private(set) var seconds = 0.0

  /// No estimates.
  init() {}

  init(_ plan: Plan, in cache: Cache) throws {
    let running = plan.steps.filter { step in
      switch step.status {
      case .execute, .waiting: step.isSelected
      case .cached, .unselected: false
      }
    }
    guard !running.isEmpty else { return }
    let history = try TimeHistory(
      cache, pipeline: plan.options.pipeline, profile: plan.options.machine.numerics)
    for step in running {
      guard let estimate = try history.estimate(label: step.label, stage: step.identity.id) else {
        unknown += 1
        continue
      }
      estimates[step.index] = estimate
      known += 1
      seconds += estimate.seconds
    }
  }

  subscript(step: Step) -> Estimate? { estimates[step.index] }

  /// One sentence; empty where nothing runs.
  var summary: String {
    guard known + unknown > 0 else { return "" }
    guard known > 0 else { return "How long that takes is not known: nothing like it ran here before." }
    let total = "About \(Figures.roughDuration(seconds)) of work, one after the other, by earlier runs"
    return unknown == 0 ? total + "." : "\(total), and \(Figures.counted(unknown, "stage")) of which nothing is known."
  }
}

/// What stages took in the last runs.
private final class TimeHistory {
  private let cache: Cache
  private let profile: NumericsProfile
  private var byLabel: [String: (stage: String, key: Key, execution: Int64)] = [:]
  private var byStage: [String: [(key: Key, execution: Int64)]] = [:]
  private var medians: [String: Double?] = [:]

  /// Runs that are looked at, and executions of one kind that a median is taken of.
  private static let (mostRuns, mostOfKind) = (20, 9)

  init(_ cache: Cache, pipeline: String, profile: NumericsProfile) throws {
    (self.cache, self.profile) = (cache, profile)
    var known: Set<Digest> = []
    var seen: Set<Int64> = []
    // Its own runs first: their labels mean the same.
    let runs = try cache.runs(limit: 100)
    let ordered = runs.filter { $0.request.pipeline == pipeline } + runs.filter { $0.request.pipeline != pipeline }
    for run in ordered.prefix(Self.mostRuns) {
      guard let steps = try cache.runSteps(of: run.id, besides: known) else { continue }
      known.insert(steps.digest)
      for step in try steps.all {
        guard let key = step.key, let execution = step.execution else { continue }
        if run.request.pipeline == pipeline, byLabel[step.label] == nil {
          byLabel[step.label] = (step.stage.id, key, execution)
        }
        if seen.insert(execution).inserted, byStage[step.stage.id]?.count ?? 0 < Self.mostOfKind {
          byStage[step.stage.id, default: []].append((key, execution))
        }
      }
    }
  }

  func estimate(label: String, stage: String) throws -> PlanTimes.Estimate? {
    if let own = byLabel[label], own.stage == stage, let seconds = try seconds(own.key, own.execution) {
      return PlanTimes.Estimate(seconds: seconds, isOwn: true)
    }
    if let known = medians[stage] { return known.map { PlanTimes.Estimate(seconds: $0, isOwn: false) } }
    let times = try (byStage[stage] ?? []).compactMap { try seconds($0.key, $0.execution) }.sorted()
    let median = times.isEmpty ? nil : times[times.count / 2]
    medians[stage] = .some(median)
    return median.map { PlanTimes.Estimate(seconds: $0, isOwn: false) }
  }

  private func seconds(_ key: Key, _ id: Int64) throws -> Double? {
    guard let details = try cache.execution(id, of: key)?.details, details.profile == profile else { return nil }
    return details.seconds
  }
}

extension Figures {
  /// A length of time as one says it: `8 s`, `12 min`, `2 h 15 min`.
  static func roughDuration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "–" }
    if seconds < 1 { return "a second" }
    if seconds < 90 { return "\(Int(seconds.rounded())) s" }
    let minutes = Int((min(seconds, 3e9) / 60).rounded())
    if minutes < 90 { return "\(minutes) min" }
    let quarters = (minutes + 7) / 15 * 15
    return quarters % 60 == 0 ? "\(quarters / 60) h" : "\(quarters / 60) h \(quarters % 60) min"
  }
}
