import ArgumentParser
import Inspecting
import Retort
import Storing

/// Checks every byte of a cache.
struct VerifyCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check every byte of the cache against its digest.",
    discussion: """
      Reads every artifact, compares the index with the journal and lets SQLite check itself. Damaged artifacts are set \
      aside, so that the next run computes them anew. Ends with code 1 where something was damaged, or a repair lost \
      records.

      EXAMPLES
        retort verify
        retort verify --repair        build the index anew from the journal, then verify
      """)

  @Flag(help: "Build the index anew from the journal first.") var repair = false
  @Flag(help: "Leave damaged artifacts where they are.") var keep = false
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  func execute() async throws -> ProgramStatus {
    let root = FilePath(cache.cache)
    let repaired = repair ? try Cache.rebuildIndex(root) : nil
    let report = try CacheFolder.openExisting(cache.cache).verify(setsAside: !keep)
    if output.json {
      Streams.outputLine(try Inspecting.JSONText.line(Answer(report: report, repair: repaired)))
    } else {
      if let repaired { Streams.outputLine(Self.text(repaired)) }
      Streams.output(Self.text(report, isKept: keep, .output))
    }
    return report.isSound && (repaired?.isLossless ?? true) ? .fine : .failure
  }

  /// The report, with what a repair did before it.
  private struct Answer: Encodable {
    var report: VerificationReport
    var repair: RepairReport?

    enum CodingKeys: CodingKey { case repair }

    func encode(to encoder: any Encoder) throws {
      try report.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(repair, forKey: .repair)
    }
  }

  private static func text(_ report: RepairReport) -> String {
    var text = "Built the index anew: \(Figures.counted(report.executions, "record"))."
    if report.lostBytes > 0 { text += " \(Figures.bytes(report.lostBytes)) of the journal were damaged and are lost." }
    if report.forgotten > 0 { text += " \(Figures.counted(report.forgotten, "record")) had to be forgotten." }
    return text
  }

  static func text(_ report: VerificationReport, isKept: Bool, _ terminal: Terminal) -> String {
    let style = terminal.style
    var lines = report.problems.map { "\(style.red("✗")) \($0)" }
    lines += report.damaged.map { "\(style.red("✗")) \($0.hex) is damaged" }
    let count = Figures.counted(report.artifacts, "artifact")
    lines.append(
      report.isSound
        ? "\(style.green("✓")) \(count), \(Figures.bytes(report.bytes)): every byte is as it was written."
        : "\(style.red("Damaged")): \(Figures.counted(report.damaged.count + report.problems.count, "fault")) in \(count)."
    )
    if !report.damaged.isEmpty, !isKept {
      lines.append("Damaged artifacts were set aside; the next run computes them anew.")
    }
    for note in report.withdrawn {
      let digests = note.recorded.sorted { $0.key < $1.key }.map { port, digest in
        "\(port.isEmpty ? "" : "\(port) ")\(digest.short) → \(note.computed[port]?.short ?? "nothing")"
      }
      lines.append(
        "\(style.yellow("!")) “\(note.label)” of run \(note.run) was taken back by an audit: \(digests.joined(separator: ", "))"
      )
    }
    if !report.problems.isEmpty { lines.append("Repair the index with  retort verify --repair") }
    if report.orphans > 0 {
      lines.append("\(Figures.counted(report.orphans, "leftover")) of crashes can go: retort gc")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
