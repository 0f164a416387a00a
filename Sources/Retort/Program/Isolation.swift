import Declaring
import Executing
import FoundationEssentials
import Planning

/// `--isolate`: which stages run in workers, and this program as a worker.
enum Isolation {
  /// - Throws: `usage.label` for a label that the pipeline does not have.
  static func executor(for labels: [String], of plan: Plan, _ invocation: Invocation) throws -> any StageExecutor {
    guard !labels.isEmpty else { return LocalExecutor() }
    for label in labels where label != ArgumentOrder.everything && plan.step(labelled: label) == nil {
      throw RetortError(
        "usage.label", "The pipeline has no stage “\(label)”.",
        remedy: Suggestion.hint(for: label, among: plan.steps.map(\.label), noun: "stage"),
        at: Place(field: "--isolate"))
    }
    let program = IsolatedExecutor.Program(
      ownPath, arguments: invocation.arguments, environment: ProcessInfo.processInfo.environment,
      folder: Files.currentFolder)
    return IsolatedExecutor(program, labels: labels.contains(ArgumentOrder.everything) ? nil : Set(labels))
  }

  /// The file of this program, also where it was found by its name alone.
  private static var ownPath: FilePath {
    let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return FilePath(link ?? CommandLine.arguments.first ?? "")
  }

  /// Does the work of a worker and returns its exit code. The command line is that of the run, so the pipeline is too.
  static func work<Program: PipelineProgram>(
    for type: Program.Type, on descriptor: Int32, _ arguments: [String]
  ) async -> ProgramStatus {
    do {
      guard let command = try ProgramMain<Program>.parse(arguments) as? RunCommand<Program> else {
        throw RetortError("worker.message", "A worker was started without a run.", blame: .internal)
      }
      let pipeline = Pipeline.declared { command.program.body }
      try await Worker.serve(on: descriptor, StageTypes(of: pipeline))
      return .fine
    } catch {
      return ProgramMain<Program>.report(error, isJSON: false)
    }
  }
}
