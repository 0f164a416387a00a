import ArgumentParser
import FoundationEssentials
import Retort

/// Starts a pipeline: in the package here, or in a package of its own.
struct NewCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Start a pipeline that runs as it stands.",
    discussion: """
      Without --package it writes pipelines/NAME into the package of this folder, and adds its target to Package.swift. \
      With --package it makes a folder NAME with a package of its own.

      EXAMPLES
        retort new sst2
        retort new sst2 --package
        retort new sst2 --package --retort https://example.org/retort.git
      """)

  @Argument(help: "The pipeline's name, such as bert-sst2.") var name: String
  @Flag(help: "Make a package of its own, in a folder of that name.") var package = false
  @Option(
    help: ArgumentHelp(
      "Where the new package finds Retort: a folder or an address. (default: where this program was built)",
      valueName: "place"))
  var retort: String?

  func execute() async throws -> ProgramStatus {
    let name = try PipelineName(name)
    let (folder, next) = package ? try makePackage(name) : try makePipeline(name)
    Streams.outputLine("Wrote \(folder).")
    Streams.errorLine("Next:\n" + next.map { "  \($0)" }.joined(separator: "\n"))
    return .fine
  }

  private func makePackage(_ name: PipelineName) throws -> (String, [String]) {
    let place = try self.retort ?? Surroundings.ownCheckout?.string ?? unknownPlace()
    let isAddress = place.contains("://") || place.hasPrefix("git@")
    let absolute =
      FilePath(place).isRelative ? Surroundings.currentFolder.appending(place).lexicallyNormalized() : FilePath(place)
    if !isAddress, Surroundings.package(above: absolute).map({ Surroundings.isRetort($0.manifest) }) != true {
      throw RetortError(
        "usage.place", "There is no checkout of Retort in \(absolute).",
        remedy: "Give its folder or address with --retort.", at: Place(file: absolute.string))
    }
    let text = Self.quoted(isAddress ? place : absolute.string)
    let dependency =
      isAddress ? ".package(url: \(text), branch: \"main\")," : ".package(name: \"retort\", path: \(text)),"
    let identity = isAddress ? Self.identity(of: place) : "retort"
    let root = Surroundings.currentFolder.appending(name.program)
    let scaffold = Scaffold(
      files: [
        ("Package.swift", Templates.manifest(name, dependency: dependency, identity: identity)),
        ("README.md", Templates.readme(name)), (".gitignore", Templates.ignored),
      ] + Self.pipelineFiles(name), root: root)
    try scaffold.write()
    return (root.string, ["cd \(name.program)", "swift run -c release \(name.program)"])
  }

  private func makePipeline(_ name: PipelineName) throws -> (String, [String]) {
    guard retort == nil else {
      throw RetortError(
        "usage.place", "--retort is for a package of its own.", remedy: "Add --package, or leave it out.")
    }
    guard let (root, manifest) = Surroundings.package(above: Surroundings.currentFolder) else {
      throw RetortError(
        "new.no-package", "There is no Package.swift in this folder or above it.",
        remedy: "Make a package of its own: retort new \(name.program) --package.")
    }
    let isOwn = Surroundings.isRetort(manifest)
    guard isOwn || manifest.contains("\"Retort\"") else {
      throw RetortError(
        "new.no-dependency", "The package in \(root) does not depend on Retort.",
        remedy: "Add it to Package.swift, or make a package of its own with --package.",
        at: Place(file: root.appending("Package.swift").string))
    }
    try Scaffold(files: Self.pipelineFiles(name), root: root).write()
    let identity = manifest.firstMatch(of: /\.product\(name: "Retort", package: "([^"]+)"\)/).map { String($0.1) }
    let dependency = isOwn ? "\"Retort\"" : ".product(name: \"Retort\", package: \"\(identity ?? "retort")\")"
    let target = Templates.target(name, dependency: dependency)
    var next = ["swift run -c release \(name.program)"]
    if !Self.add(target, to: manifest, at: root.appending("Package.swift")) {
      next.insert("add to the targets of Package.swift:\n\(target)", at: 0)
    }
    return (root.appending(Templates.folder(name)).string, next)
  }

  private static func pipelineFiles(_ name: PipelineName) -> [(path: String, text: String)] {
    let folder = Templates.folder(name)
    return [("\(folder)/pipeline.swift", Templates.pipeline(name)), ("\(folder)/sample.txt", Templates.sample)]
  }

  /// Puts the target at the head of the manifest's list of targets; false where that list cannot be told for sure.
  private static func add(_ target: String, to manifest: String, at path: FilePath) -> Bool {
    let places = manifest.ranges(of: /\n  targets: \[\n/)
    guard places.count == 1, let place = places.first else { return false }
    var text = manifest
    text.insert(contentsOf: target + "\n", at: place.upperBound)
    return (try? Data(text.utf8).write(to: URL(filePath: path.string), options: .atomic)) != nil
  }

  /// What SwiftPM calls a package by its address.
  private static func identity(of address: String) -> String {
    let last = address.split(separator: "/").last.map(String.init) ?? "retort"
    return (last.hasSuffix(".git") ? String(last.dropLast(4)) : last).lowercased()
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private func unknownPlace() throws -> String {
    throw RetortError(
      "usage.place", "This program does not lie in a checkout of Retort any more.",
      remedy: "Say where the new package finds Retort: --retort FOLDER or --retort ADDRESS.")
  }
}
