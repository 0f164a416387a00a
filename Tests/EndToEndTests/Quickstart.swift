import Foundation
import Testing

/// The quickstart at its tiny size in a folder of its own.
struct Quickstart {
  var program: BuiltProgram

  init(in folder: URL) { program = BuiltProgram("quickstart", in: folder) }

  static let tiny = ["--size", "tiny", "--json", "--progress", "none"]

  /// The stages that train, and so take checkpoints.
  static let training = ["language", "teacher", "general", "student", "pruned"]

  /// `--size` and the rest of every command line.
  var arguments = Quickstart.tiny

  func run(_ extra: [String] = [], killAfter: Double? = nil) throws -> BuiltProgram.Result {
    try program.run(arguments + extra, killAfter: killAfter)
  }

  /// Runs until `seconds` after a stage has begun, and kills the program then.
  func run(_ extra: [String], killAfter seconds: Double, within label: String) throws -> BuiltProgram.Result {
    try program.run(
      arguments + extra, kill: .init(seconds: seconds) { RunEvents.says("started", of: label, in: $0) })
  }

  /// Runs to success, or records the program's own words.
  func succeed(_ extra: [String] = []) throws -> BuiltProgram.Result {
    let result = try run(extra)
    #expect(result.status == 0, "\(result.errors)\n\(result.output.suffix(2000))")
    return result
  }

  /// `retort verify` on the folder's cache.
  func verify() throws -> BuiltProgram.Result {
    try BuiltProgram("retort", in: program.folder).run(["verify"])
  }
}

/// What an undisturbed run of the tiny quickstart gives; computed once for all suites.
enum Reference {
  static let tiny: Result<(digests: Digests, seconds: Double), any Error> = Result {
    let folder = try TemporaryFolder("reference")
    let result = try Quickstart(in: folder.url).succeed()
    return (try Digests(result), result.seconds)
  }
}
