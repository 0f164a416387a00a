import FoundationEssentials
import Retort

/// The packages around a folder and around this program.
enum Surroundings {
  /// The nearest folder at or above `start` that holds a package, with its manifest.
  static func package(above start: FilePath) -> (folder: FilePath, manifest: String)? {
    var folder = start.lexicallyNormalized()
    while true {
      let path = folder.appending("Package.swift")
      if let data = try? Data(contentsOf: URL(filePath: path.string)) {
        return (folder, String(decoding: data, as: UTF8.self))
      }
      guard folder.removeLastComponent() else { return nil }
    }
  }

  /// The checkout of Retort that this program was built in, if it still is there.
  static var ownCheckout: FilePath? {
    guard let program = CommandLine.arguments.first else { return nil }
    let path = FilePath((try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? program)
    guard let found = package(above: path.removingLastComponent()), isRetort(found.manifest) else { return nil }
    return found.folder
  }

  static func isRetort(_ manifest: String) -> Bool { manifest.contains("name: \"retort\"") }

  static var currentFolder: FilePath { FilePath(FileManager.default.currentDirectoryPath) }
}
