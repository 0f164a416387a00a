import Executing
import Planning
import Storing
import Synchronization

/// One pass over a pipeline of trivial stages, as a program would make it, without views.
package enum TrivialPass {
  private static let name = "bench"
  private static let anticipation = Mutex<Anticipation?>(nil)

  /// Begins before the command line is read, as every program of a pipeline does.
  package static func anticipate(_ arguments: [String]) -> Anticipation? {
    let begun = Anticipation.begin(arguments, pipeline: name) { .unknown }
    anticipation.withLock { $0 = begun }
    return begun
  }

  package static func run(_ pipeline: Pipeline, cache folder: String) async throws -> ProgramStatus {
    let folder = FilePath(folder)
    let early = anticipation.withLock { $0 }?.of(folder)
    let late = early?.cache ?? LateCache { try Cache(folder) }
    let planner = Planner(options: PlanOptions(pipeline: name)) { try late.opened() }
    let plan = try planner.plan(pipeline, with: early?.recollecting)
    let cache = try late.opened()
    let request = RunRequest(
      pipeline: name, arguments: [], options: [:], startedAt: WallClock.now, profile: .unknown)
    let scheduler = Scheduler(
      plan: plan, store: cache, request: request, options: RunOptions(threads: Machine.cores))
    UntilExit.keep((scheduler, pipeline))
    let summary = try await scheduler.run()
    for error in summary.errors.prefix(1) { throw error }
    return summary.outcome == .succeeded ? .fine : .failure
  }
}
