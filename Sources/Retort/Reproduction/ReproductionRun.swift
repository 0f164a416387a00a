import ArgumentParser
import Executing
import FoundationEssentials
import Inspecting
import Storing
import Synchronization

/// How recipes are carried out again, for `reproduce` and `audit`.
package struct ReproductionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file, or a folder that is searched, for files that are no longer where they were read. May be repeated.",
      valueName: "path"))
  var search: [String] = []
  @Flag(help: "Carry out also what it was made from, down to the files.") var fromSources = false
  @Flag(help: "Carry out also what was computed with other numerics, whose bytes may differ.") var anyProfile = false
  @Option(help: ArgumentHelp("Threads to compute with. (default: the cores)", valueName: "n")) var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Devices that stages may ask for, by name and ids: gpu=0,1. May be repeated. (default: RETORT_DEVICES)",
      valueName: "device"))
  var device: [String] = []

  package init() {}

  package mutating func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1, and is \(threads).") }
  }

  func values() throws -> Reproducer.Options {
    var values = Reproducer.Options()
    values.devices = try DeviceNames(device, environment: ProcessInfo.processInfo.environment).ids
    values.data = search.map { FilePath($0) }
    (values.isFromSources, values.takesAnyProfile) = (fromSources, anyProfile)
    if let threads { values.threads = threads }
    return values
  }
}

/// A reproducer with a folder in the system's place for temporary ones, which goes with it, and Ctrl-C to stop it.
package final class ReproductionRun {
  package let reproducer: Reproducer
  private let folder: FilePath

  package init(
    _ cache: Cache, registry: StageRegistry, options: ReproductionOptions, isQuiet: Bool
  ) throws {
    folder = FilePath(FileManager.default.temporaryDirectory.path()).appending("retort-reproduce-\(UUID().uuidString)")
    let current = CurrentScheduler.shared
    reproducer = try Reproducer(
      cache, registry: registry, options: options.values(), scratch: folder,
      events: { EventBus(isQuiet ? [] : [PlainView(.errors)]) }, watch: { current.set($0) })
  }

  deinit { try? Files.remove(folder) }
}

/// The run that a signal stops.
private final class CurrentScheduler: Sendable {
  /// Watches signals from its first use on.
  static let shared = {
    let current = CurrentScheduler()
    current.watchSignals()
    return current
  }()

  private let scheduler = Mutex<Scheduler?>(nil)

  func set(_ new: Scheduler) {
    scheduler.withLock { $0 = new }
    if Interruption.isRequested { new.stop() }
  }

  func watchSignals() {
    Interruption.watch(first: { self.scheduler.withLock { $0 }?.stop() }, last: {})
  }
}

extension ReproductionRun {
  /// Carries out the recipe of what `name` calls, and says what came of it.
  package static func reproduce(
    _ name: String, in folder: String, registry: StageRegistry, options: ReproductionOptions, isJSON: Bool
  ) async throws -> ProgramStatus {
    let inspector = try Inspector(at: FilePath(folder))
    let finding = try inspector.artifact(name)
    let run = try ReproductionRun(inspector.cache, registry: registry, options: options, isQuiet: isJSON)
    let label = finding.label ?? finding.execution.stage.id
    let result = try await run.reproducer.reproduce(finding.execution, label: label)
    withExtendedLifetime(run) {}
    if isJSON {
      Streams.outputLine(result.json.line)
    } else {
      Streams.outputLine(result.text(.output))
    }
    switch result.outcome {
    case .equal: return .fine
    case .different: return .failure
    case .otherProfile, .measured: return .goalMissed
    }
  }

  /// Carries out a sample of what the newest runs used, and takes back what comes out otherwise.
  ///
  /// - Parameters:
  ///   - pipeline: only its runs; nil for the newest run of each pipeline.
  ///   - share: of the results, from 0 to 1.
  package static func audit(
    pipeline: String?, share: Double, seed: UInt64, in folder: String, registry: StageRegistry,
    options: ReproductionOptions, isJSON: Bool
  ) async throws -> ProgramStatus {
    let cache = try Cache(FilePath(folder), access: .writing)
    let all = try AuditSample.results(of: pipeline, in: cache)
    let sample = all.filter { AuditSample.isChosen($0.execution.key, share: share, seed: seed) }
    var report = AuditReport(results: all.count, sampled: sample.count)
    var withdrawals: [(Execution, Withdrawal)] = []
    for (label, execution) in sample {
      let run = try ReproductionRun(cache, registry: registry, options: options, isQuiet: isJSON)
      do {
        let result = try await run.reproducer.reproduce(execution, label: label)
        report.add(result)
        if result.outcome == .different, result.isSameProfile {
          let computed = result.outputs.compactMap { output in output.computed.map { (output.port, $0) } }
          let note = Withdrawal(
            of: execution, label: label, computed: Dictionary(computed) { first, _ in first }, at: WallClock.now)
          withdrawals.append((execution, note))
        }
      } catch let error as RetortError {
        // One that cannot be computed takes nothing from what was found of the others.
        report.skip(label, execution, error)
      } catch is CancellationError {
        break
      }
      withExtendedLifetime(run) {}
      if Interruption.isRequested { break }
    }
    // Only now: what is made from a result that is taken back is still computed from it above.
    let inspector = Inspector(cache)
    for (execution, _) in withdrawals { report.addAffected(try inspector.lineage(of: execution, .down, limit: 200)) }
    for (execution, note) in withdrawals { try cache.withdraw(execution, note) }
    Streams.output(isJSON ? report.json : report.text(.output))
    guard report.differing.isEmpty else { return .failure }
    return Interruption.isRequested ? .interrupted : .fine
  }
}
