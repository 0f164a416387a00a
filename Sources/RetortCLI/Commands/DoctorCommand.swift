import ArgumentParser
import Retort

/// Says what this machine and the cache offer, what is wrong with them, and how to mend it.
struct DoctorCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look at this machine and the cache, and say what to mend.",
    discussion: """
      Ends with code 1 where something keeps Retort from working.

      EXAMPLES
        retort doctor
        retort doctor --json | jq '.findings[] | select(.verdict != "fine")'
      """)

  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption
  @Flag(inversion: .prefixedNo, help: "Measure the speed of the matrix library, which takes a moment.") var measure =
    true

  func execute() async throws -> ProgramStatus {
    let findings = MachineFindings.all(measuring: measure) + CacheFindings.all(of: cache.cache)
    if output.json {
      Streams.outputLine(JSONLine.fields(["findings": .array(findings.map(\.json))]).line)
    } else {
      Streams.output(Self.text(findings, .output))
    }
    return findings.contains { $0.verdict == .problem } ? .failure : .fine
  }

  static func text(_ findings: [DoctorFinding], _ terminal: Terminal) -> String {
    let style = terminal.style
    let nameWidth = findings.map { TextWidth.of($0.name) }.max() ?? 0
    let room = max(30, (terminal.width ?? 100) - nameWidth - 4)
    let indent = String(repeating: " ", count: nameWidth + 4)
    var lines: [String] = []
    for finding in findings {
      let mark =
        switch finding.verdict {
        case .fine: style.green("✓")
        case .hint: style.yellow("•")
        case .problem: style.red("✗")
        }
      for (index, line) in TextWidth.wrap(finding.value, to: room).enumerated() {
        lines.append(
          index == 0 ? "\(mark) \(style.bold(TextWidth.pad(finding.name, to: nameWidth)))  \(line)" : indent + line)
      }
      if !finding.remedy.isEmpty {
        lines += TextWidth.wrap("→ " + finding.remedy, to: room).map { indent + $0 }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
