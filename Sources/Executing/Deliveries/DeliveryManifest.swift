import Declaring
import FoundationEssentials

/// What Retort has put into a folder of the user's: only this may it replace.
struct DeliveryManifest: Codable, Sendable {
  struct File: Codable, Sendable, Hashable {
    /// Below the folder, with slashes.
    var path: String
    var digest: Digest
    var bytes: Int
    /// Nanoseconds since 1970, as left behind: an unchanged file need not be read again.
    var modified: Int64?
  }

  static let name = ".retort-manifest.json"
  /// A file on its way. One that a kill left behind is overwritten by the next delivery.
  static let temporaryName = ".retort-incoming"

  /// What was delivered; nil while it is not complete.
  var artifact: Digest?
  var files: [File]

  /// The manifest of a folder; nil where there is none.
  ///
  /// - Throws: `RetortError` for one that cannot be read: then nobody knows what may be replaced.
  static func read(in folder: FilePath) throws -> DeliveryManifest? {
    let path = folder.appending(name)
    guard try Files.status(of: path) != nil else { return nil }
    let bytes = try Files.read(path)
    do {
      let manifest = try JSONDecoder().decode(DeliveryManifest.self, from: Data(bytes))
      guard manifest.files.allSatisfy({ isPlain($0.path) }) else { throw CocoaError(.fileReadCorruptFile) }
      return manifest
    } catch {
      throw RetortError(
        "deliver.manifest", "The list of what Retort has written here cannot be read.",
        remedy: "Move the folder away; it will be written anew.", at: Place(file: path.string), cause: error)
    }
  }

  func write(in folder: FilePath) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try Files.replace(folder.appending(Self.name), with: Array(try encoder.encode(self)) + [UInt8(ascii: "\n")])
  }

  /// Whether every file lies there as it was left, as far as its status tells.
  func isUntouched(in folder: FilePath) throws -> Bool {
    for file in files {
      let path = folder.appending(FilePath(file.path).components)
      guard let status = try Files.status(of: path, followsLinks: false), status.kind == .file,
        status.bytes == file.bytes, status.modified == file.modified
      else { return false }
    }
    return true
  }

  /// The same with the times of the files as they lie there.
  func stamped(in folder: FilePath) throws -> DeliveryManifest {
    var copy = self
    for index in copy.files.indices {
      let path = folder.appending(FilePath(copy.files[index].path).components)
      copy.files[index].modified = try Files.existing(path, followsLinks: false).modified
    }
    return copy
  }

  /// A path from a manifest must not lead out of its folder.
  private static func isPlain(_ path: String) -> Bool {
    let path = FilePath(path)
    return path.isRelative && !path.components.isEmpty && path.components.allSatisfy { $0.kind == .regular }
  }
}
