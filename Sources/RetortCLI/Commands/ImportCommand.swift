import ArgumentParser
import Inspecting
import Retort
import Storing

/// Takes over the results of a bundle.
struct ImportCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take over an artifact with its lineage from a bundle.",
    discussion: """
      Every byte is verified before anything is written: a bundle that is not whole leaves no trace. From then on its \
      results are hits in any pipeline that asks for them. That the bytes are what their recipes give, a bundle cannot \
      prove: compare its seal with that of a source that you trust, or compute them again with `reproduce`.

      EXAMPLES
        retort import student.retort
        retort import student.retort --check
        retort import student.retort --seal 9f3ac2…
      """)

  @Argument(help: "The bundle, as `retort export --as bundle` wrote it.", completion: .file()) var file: String
  @Flag(help: "Verify it only.") var check = false
  @Option(help: ArgumentHelp("Refuse any other bundle than the one with this seal.", valueName: "digest"))
  var seal: String?
  @OptionGroup var cache: CacheOptions
  @OptionGroup var output: JSONOption

  mutating func validate() throws {
    if let seal, Digest(hex: seal) == nil { throw ValidationError("--seal must have 64 hexadecimal digits.") }
  }

  func execute() async throws -> ProgramStatus {
    let bundle = try VerifiedBundle(FilePath(file))
    if let seal, Digest(hex: seal) != bundle.report.seal {
      throw RetortError(
        "bundle.other", "The bundle has another seal: \(bundle.report.seal.hex).", remedy: "Fetch the right one.",
        at: Place(file: file))
    }
    return show(try check ? bundle.report : Cache(FilePath(cache.cache)).importBundle(bundle))
  }

  private func show(_ report: BundleReport) -> ProgramStatus {
    if output.json {
      Streams.outputLine(
        JSONLine.fields([
          "label": .string(report.label), "digest": .string(report.digest.hex), "seal": .string(report.seal.hex),
          "results": .integer(report.results), "new": report.run.map { _ in .integer(report.new) },
          "bytes": .integer(report.bytes), "run": report.run.map { .integer(Int($0.value)) },
        ]).line)
      return .fine
    }
    let what =
      "“\(report.label)” (\(report.digest.short)) with \(Figures.counted(report.results - 1, "result")) that it was made from"
    guard let run = report.run else {
      Streams.outputLine("\(file) is whole: \(what), \(Figures.bytes(report.bytes)).")
      Streams.outputLine("Its seal is \(report.seal.hex).")
      return .fine
    }
    Streams.outputLine(
      "Imported \(what) as run \(run): \(Figures.count(report.new)) new, \(Figures.count(report.results - report.new)) known."
    )
    return .fine
  }
}
