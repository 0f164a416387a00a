import Artifacts
import FoundationEssentials
import Storing

extension Inspector {
  /// A table of runs for people: number, time, pipeline, outcome, counts, duration, options.
  public static func table(of runs: [RunRecord], timeZone: TimeZone = .current) -> String {
    var table = TextTable([
      ("run", .right), ("started", .left), ("pipeline", .left), ("outcome", .left), ("ran", .right), ("cached", .right),
      ("failed", .right), ("took", .right), ("options", .left),
    ])
    for run in runs {
      let took = run.finishedAt.map { ($0 - run.request.startedAt).asSeconds } ?? "–"
      let options = run.request.options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      table.add([
        "\(run.id)", run.request.startedAt.asTime(timeZone), run.request.pipeline, run.outcome.rawValue, "\(run.ran)",
        "\(run.cached)", "\(run.failed)", took, options.joined(separator: " "),
      ])
    }
    return table.text
  }

  /// A run with its steps and failures.
  public func detail(of run: RunRecord) throws -> RunDetail {
    RunDetail(run: run, steps: try cache.steps(of: run.id), failures: try cache.failures(of: run.id))
  }
}

/// What is known about one run.
public struct RunDetail: Sendable, Codable {
  public var run: RunRecord
  public var steps: [RunStep]
  public var failures: [Failure]

  /// The run for people.
  public func text(timeZone: TimeZone = .current) -> String {
    var lines = [
      "run \(run.id) of “\(run.request.pipeline)”: \(run.outcome.rawValue)",
      "started   \(run.request.startedAt.asTime(timeZone))"
        + (run.finishedAt.map { ", took \(($0 - run.request.startedAt).asSeconds)" } ?? ""),
      "numerics  \(run.request.profile.kernels), \(run.request.profile.blas), \(run.request.profile.build)",
    ]
    if !run.request.arguments.isEmpty { lines.append("arguments \(run.request.arguments.joined(separator: " "))") }
    for (name, value) in run.request.options.sorted(by: { $0.key < $1.key }) {
      lines.append("option    \(name) = \(value)")
    }
    lines.append("stages    \(run.ran) ran, \(run.cached) cached, \(run.failed) failed")
    if !steps.isEmpty {
      var table = TextTable([("stage", .left), ("type", .left), ("outcome", .left), ("key", .left)])
      for step in steps {
        table.add([
          (step.parent == nil ? "" : "  ") + step.label, "\(step.stage.id)@\(step.stage.version)",
          step.outcome.rawValue,
          step.key?.digest.short ?? "–",
        ])
      }
      lines += ["", table.text]
    }
    for failure in failures {
      lines += ["", "“\(failure.label)” failed (\(failure.code)): \(failure.message)", "log: \(failure.log)"]
    }
    return lines.joined(separator: "\n")
  }
}

extension Double {
  /// Seconds since 1970 as a local time: `2026-03-01 14:05:09`.
  func asTime(_ zone: TimeZone) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: self))
    func padded(_ number: Int?, to width: Int = 2) -> String {
      let digits = String(number ?? 0)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = [padded(parts.year, to: 4), padded(parts.month), padded(parts.day)].joined(separator: "-")
    let time = [parts.hour, parts.minute, parts.second].map { padded($0) }.joined(separator: ":")
    return "\(date) \(time)"
  }
}
