import Executing
import Planning

/// A planned run from its first event to its report.
struct PipelineRun {
  var session: Session
  var request: RunRequest
  var options: RunOptions
  var progress: ProgressForm?
  var isJSON: Bool
  var cacheFolder: String
  /// The program as the user called it.
  var program: String
  var executor: any StageExecutor
  /// A file that receives the run as a page of Markdown.
  var page: String?
  var onFinish: FinishCommand?

  func carryOut() async throws -> ProgramStatus {
    let plan = session.plan
    if progress != ProgressForm.none {
      let renderer = ErrorRenderer(.errors)
      for warning in plan.warnings { Streams.errorLine(renderer.text(forWarning: "\(warning)")) }
    }
    let views = RunViews.make(progress, isJSON: isJSON)
    let scheduler = Scheduler(
      plan: plan, store: session.cache, request: request, options: options, events: EventBus(views), executor: executor)
    UntilExit.keep((scheduler, session))
    watchSignals(scheduler, views)
    Interruption.ignoreClosedPipes()
    let summary: RunSummary
    do {
      summary = try await scheduler.run()
    } catch {
      for view in views { view.close() }
      throw error
    }
    for view in views { view.close() }
    defer {
      if let problem = onFinish?.run(after: summary, of: plan.options.pipeline) {
        Streams.errorLine(ErrorRenderer(.errors).text(forWarning: problem))
      }
    }
    return try report(summary)
  }

  private func watchSignals(_ scheduler: Scheduler, _ views: [any RunView]) {
    let isQuiet = isJSON && progress == nil || progress == ProgressForm.none
    Interruption.watch(
      first: {
        scheduler.stop()
        if !isQuiet { for view in views { view.note("Stopping at the next checkpoint. Ctrl-C again ends it now.") } }
      },
      last: {
        for view in views { view.close() }
      })
  }

  private func report(_ summary: RunSummary) throws -> ProgramStatus {
    // A comparison that cannot be read is reported, but takes nothing from the run.
    let models = Result { try ModelFigures.all(in: summary, of: session) }
    let effects = Result { try EffectFigures.all(in: summary, of: session) }
    let report = RunReport(
      summary: summary, models: (try? models.get()) ?? [], effects: (try? effects.get()) ?? [],
      program: RunReport.quoted(Invocation.short(program)),
      cacheFlags: cacheFolder == CacheOptions.standard ? "" : " --cache \(RunReport.quoted(cacheFolder))",
      lastLabel: session.plan.roots.last.map { session.plan.steps[$0].label })
    if isJSON {
      Streams.outputLine(report.json.line)
    } else {
      Streams.output(report.results(.output))
    }
    if let page, summary.outcome == .succeeded { try write(report, to: page) }
    if progress != ProgressForm.none, !isJSON {
      for line in report.closing(.errors) { Streams.errorLine(line) }
    } else if report.status != .fine {
      for line in report.failures(.errors) { Streams.errorLine(line) }
    }
    _ = try (models.get(), effects.get())
    return report.status
  }

  private func write(_ report: RunReport, to page: String) throws {
    let text = report.markdown(
      pipeline: session.plan.options.pipeline, command: [session.plan.options.pipeline] + request.arguments,
      machine: session.plan.options.machine)
    let path = FilePath(page)
    let folder = path.removingLastComponent()
    if !folder.isEmpty { try Files.makeFolder(folder) }
    try Files.replace(path, with: Array(text.utf8), isDurable: false)
  }
}
