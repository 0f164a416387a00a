import Artifacts
import Declaring
import Foundation
import RetortTesting

@testable import Stages

/// A single value, as programs of other packages may give.
struct Figures: ValueArtifact, Equatable {
  static let kind = "test.figures"
  var mean: Double
  var words: [String]
}

/// Results of unlike kinds.
struct TextAndFigures: ArtifactBundle {
  var text: Corpus
  var figures: Figures

  static var table: [BundlePort<Self>] {
    [BundlePort("text", \Self.text), BundlePort("figures", \Self.figures)]
  }

  init(opening reader: OutputReader) throws {
    text = try Corpus(opening: reader.part("text"))
    figures = try Figures(opening: reader.part("figures"))
  }
}

/// A folder of a kind that Retort does not know.
struct Notes: FolderArtifact {
  static let kind = "test.notes"
  let folder: FilePath
  var facts: Facts

  init(folder: FilePath, facts: Facts) { (self.folder, self.facts) = (folder, facts) }
}

extension Command {
  /// `sh -c SCRIPT sh ARGUMENTS…`.
  static func shell(
    _ script: String, _ arguments: CommandArgument..., passing: [String] = [], setting: [String: String] = [:],
    secrets: [String] = [], tracking: [SourceFile] = [], probes: [[String]] = [], isMeasured: Bool = false,
    limits: CommandLimits = CommandLimits(), process: [String: String] = ["PATH": "/usr/bin:/bin"]
  ) -> Command {
    Command(
      "sh", arguments: ["-c", CommandArgument(script), "sh"] + arguments, passing: passing, setting: setting,
      secrets: secrets, tracking: tracking, probes: probes, isMeasured: isMeasured, limits: limits, process: process)
  }

  /// The key that planning gives it: inputs count as if each held nothing.
  func key(defaultSeed: UInt64 = 0) throws -> Key {
    let template = try RecipeTemplate(
      stage: Self.id, version: Self.version, uses: uses.map { $0.identity }, options: self, outputs: Output.ports,
      defaultSeed: defaultSeed)
    let recipe = try template.filled { hole in
      switch hole {
      case .input: Digest(of: [])
      case .source(let index): try template.sources[index].digest()
      }
    }
    guard let recipe else { throw CancellationError() }
    return recipe.key
  }
}
