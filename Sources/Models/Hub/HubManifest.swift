import Artifacts
import FoundationEssentials

/// What was fetched into a folder: only this may a later download replace.
struct HubManifest: Codable, Sendable {
  struct File: Codable, Sendable, Hashable {
    var name: String
    var bytes: Int
    var digest: HubDigest
    /// Nanoseconds since 1970, as left behind: an unchanged file need not be read again.
    var modified: Int64?
  }

  static let name = ".retort-hub.json"

  var repository: String
  /// What was asked for.
  var revision: String
  /// Nil while the folder is not complete.
  var commit: String?
  var files: [File]

  /// The manifest of a folder; nil where there is none.
  ///
  /// - Throws: `hub.manifest` for one that cannot be read: then nobody knows what may be replaced.
  static func read(in folder: FilePath) throws -> HubManifest? {
    let path = folder.appending(name)
    guard try Files.status(of: path) != nil else { return nil }
    do {
      let manifest = try JSONDecoder().decode(HubManifest.self, from: Data(try contents(of: path, limit: 1 << 20)))
      guard manifest.files.allSatisfy({ isPlain($0.name) }) else { throw CocoaError(.fileReadCorruptFile) }
      return manifest
    } catch {
      throw refusal(
        "hub.manifest", "The list of what was fetched into this folder cannot be read.", at: path.string,
        remedy: "Move the folder away, or choose another.")
    }
  }

  func write(in folder: FilePath) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try Files.replace(folder.appending(Self.name), with: Array(try encoder.encode(self)) + [UInt8(ascii: "\n")])
  }

  /// Whether every file lies there as it was left: by its status, and where that differs by its content.
  func isUntouched(in folder: FilePath) throws -> Bool {
    for file in files {
      let path = folder.appending(file.name)
      guard let status = try Files.status(of: path), status.kind == .file, status.bytes == file.bytes else {
        return false
      }
      guard try status.modified == file.modified || file.digest.matches(path) else { return false }
    }
    return true
  }

  /// The same with the times of the files as they lie there.
  func stamped(in folder: FilePath) throws -> HubManifest {
    var copy = self
    for index in copy.files.indices {
      copy.files[index].modified = try Files.existing(folder.appending(copy.files[index].name)).modified
    }
    return copy
  }

  private static func isPlain(_ name: String) -> Bool {
    let components = FilePath(name).components
    return FilePath(name).isRelative && components.count == 1 && components.allSatisfy { $0.kind == .regular }
  }
}
