import ArgumentParser
import FoundationEssentials
import Models
import Retort

/// Fetches a model from a hub.
struct PullCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull", abstract: "Fetch a model from a hub into a folder.",
    discussion: """
      Fetches config.json, the weights as safetensors, and the tokenizer's files; verifies each by its digest. A pull that \
      was cut off goes on where it stopped; one with nothing new fetches nothing. Weights that are pickled are refused.

      EXAMPLES
        retort pull sentence-transformers/all-MiniLM-L6-v2
        retort pull google/bert_uncased_L-4_H-256_A-4@main -o models/small
        retort pull OWNER/NAME --dry-run --json

      ENVIRONMENT
        HF_ENDPOINT                     the hub's address (default: https://huggingface.co)
        HF_TOKEN, HF_TOKEN_PATH         the token, or a file with it (default: $HF_HOME/token); sent to HF_ENDPOINT alone
        HF_HUB_OFFLINE                  fetch nothing
        HF_HUB_DISABLE_PROGRESS_BARS    no progress
        SSL_CERT_FILE, CURL_CA_BUNDLE   certificates to trust, a file in PEM; REQUESTS_CA_BUNDLE too
        HTTPS_PROXY, NO_PROXY           as curl reads them
      """)

  @Argument(
    help: ArgumentHelp("The model, with a branch, tag or commit if it is not main.", valueName: "owner/name[@revision]")
  )
  var model: String
  @Option(
    name: .shortAndLong, help: ArgumentHelp("The folder to fetch into. (default: models/NAME)", valueName: "folder"),
    completion: .directory)
  var output: String?
  @Flag(help: "Replace files in the folder that no earlier pull wrote.") var force = false
  @Flag(help: "Only say what would be fetched, and how large it is.") var dryRun = false
  @OptionGroup var json: JSONOption

  func execute() async throws -> ProgramStatus {
    let (repository, revision) = try HubRepository.parse(model)
    let settings = try HubSettings()
    let client = try HubClient(settings)
    let folder = FilePath(output ?? "models/\(repository.name)")
    let screen = PullProgress(isShown: settings.showsProgress && !json.json)
    defer { screen.clear() }
    let report = try client.pull(
      repository, revision: revision, into: folder, isForced: force, isDry: dryRun, progress: screen.show)
    if !dryRun {
      // Pipelines that name this revision take what it means now.
      try? HubCache(client).remember(report.commit, of: repository, revision: revision)
    }
    screen.clear()
    if json.json {
      Streams.outputLine(Self.json(report, isDry: dryRun).line)
    } else {
      Streams.output(Self.text(report, isDry: dryRun))
    }
    return .fine
  }

  static func text(_ report: HubReport, isDry: Bool) -> String {
    let name = "\(report.repository)@\(report.commit.prefix(12))"
    guard !report.isUpToDate else {
      return "\(report.folder) has \(name) already: \(Figures.counted(report.files.count, "file")), nothing to fetch.\n"
    }
    let fetched = report.files.filter(\.isFetched)
    var lines = isDry ? fetched.map { "  \($0.name)  \(Figures.bytes($0.bytes))" } : []
    let sum = "\(Figures.counted(fetched.count, "file")), \(Figures.bytes(fetched.reduce(0) { $0 + $1.bytes }))"
    lines.insert(
      isDry ? "Would fetch \(name) into \(report.folder): \(sum)." : "Fetched \(name) into \(report.folder): \(sum).",
      at: 0)
    return lines.joined(separator: "\n") + "\n"
  }

  static func json(_ report: HubReport, isDry: Bool) -> JSONLine {
    .fields([
      "model": .string(report.repository.description), "revision": .string(report.revision),
      "commit": .string(report.commit), "folder": .string(report.folder.string), "dry_run": .bool(isDry),
      "up_to_date": .bool(report.isUpToDate), "bytes": .integer(report.bytes),
      "files": .array(
        report.files.map {
          .fields([
            "name": .string($0.name), "bytes": .integer($0.bytes), "digest": .string($0.digest.description),
            "fetched": .bool($0.isFetched),
          ])
        }),
    ])
  }
}

/// How far a pull is, on stderr: a line that is redrawn on a terminal, else a line a file.
private final class PullProgress {
  private let terminal = Terminal.errors
  private let isShown: Bool
  private var file = ""
  private var drawnAt = ContinuousClock.now - .seconds(1)
  private let start = ContinuousClock.now
  private var isDrawn = false

  init(isShown: Bool) { self.isShown = isShown }

  func show(_ progress: HubProgress) {
    guard isShown, !progress.file.isEmpty else { return }
    guard terminal.isAnimated else {
      if progress.file != file { Streams.errorLine("fetching \(progress.file)") }
      file = progress.file
      return
    }
    guard ContinuousClock.now - drawnAt > .milliseconds(100) || progress.done == progress.total else { return }
    drawnAt = .now
    isDrawn = true
    let share = progress.total > 0 ? Double(progress.done) / Double(progress.total) : 1
    let cells = 24
    let full = min(cells, Int(share * Double(cells)))
    let bar = String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
    let elapsed = (ContinuousClock.now - start).components
    let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    let speed = seconds > 0.5 ? "  \(Figures.bytes(Int(Double(progress.done) / seconds)))/s" : ""
    let line =
      "\(bar) \(Figures.percent(share, 0))  \(Figures.bytes(progress.done)) of \(Figures.bytes(progress.total))\(speed)  \(progress.file)"
    Streams.errors("\r" + TextWidth.cut(line, to: max(20, (terminal.width ?? 80) - 1)) + "\u{1B}[K")
  }

  /// Removes the line that was drawn.
  func clear() {
    if isDrawn { Streams.errors("\r\u{1B}[K") }
    isDrawn = false
  }
}
