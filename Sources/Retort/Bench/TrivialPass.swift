import Executing
import Planning
import Storing

/// One pass over a pipeline of trivial stages, as a program would make it, without views.
package enum TrivialPass {
  package static func run(_ pipeline: Pipeline, cache folder: String) async throws -> ProgramStatus {
    let cache = try Cache(FilePath(folder))
    let plan = try Planner(store: cache, options: PlanOptions(pipeline: "bench")).plan(pipeline)
    let request = RunRequest(
      pipeline: "bench", arguments: [], options: [:], startedAt: WallClock.now, profile: .unknown)
    let scheduler = Scheduler(
      plan: plan, store: cache, request: request, options: RunOptions(threads: Machine.cores))
    UntilExit.keep((scheduler, pipeline))
    let summary = try await scheduler.run()
    for error in summary.errors.prefix(1) { throw error }
    return summary.outcome == .succeeded ? .fine : .failure
  }
}
