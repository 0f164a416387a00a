import Foundation
import PackagePlugin

/// Gives each stage of a target the fingerprint of the source files behind it, when the target is built.
///
///     .executableTarget(name: "mine", dependencies: [.product(name: "Retort", package: "retort")],
///                       plugins: [.plugin(name: "CodeFingerprints", package: "retort")])
@main
struct CodeFingerprints: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    guard let target = target as? any SourceModuleTarget else { return [] }
    let own = Self.sources(of: target).filter { $0.pathExtension == "swift" }
    let shared = Self.shared(by: target, in: context.package).flatMap(Self.sources)
    let output = context.pluginWorkDirectoryURL.appending(path: "StageFingerprints.swift")
    let module = target.recursiveTargetDependencies.contains { $0.name == "Retort" } ? "Retort" : "Declaring"
    return [
      .buildCommand(
        displayName: "Fingerprints of \(target.name)", executable: try context.tool(named: "fingerprint-sources").url,
        arguments: [output.path(percentEncoded: false), module] + own.map { $0.path(percentEncoded: false) }
          + (shared.isEmpty ? [] : ["--shared"]) + shared.map { $0.path(percentEncoded: false) },
        inputFiles: own + shared, outputFiles: [output])
    ]
  }

  /// What the target builds on: targets of its own package, and Retort's.
  private static func shared(by target: any SourceModuleTarget, in package: Package) -> [any SourceModuleTarget] {
    let packages =
      [package] + package.dependencies.map(\.package).filter { $0.targets.contains { $0.name == "Retort" } }
    let known = Set(packages.flatMap(\.targets).map(\.id))
    return target.recursiveTargetDependencies.filter { known.contains($0.id) }
      .compactMap { $0 as? any SourceModuleTarget }.sorted { $0.name < $1.name }
  }

  private static func sources(of target: any SourceModuleTarget) -> [URL] {
    target.sourceFiles.filter { $0.type == .source || $0.type == .header }.map(\.url).sorted { $0.path < $1.path }
  }
}
