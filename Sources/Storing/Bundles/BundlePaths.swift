import Artifacts

/// The paths in the folder of a bundle.
enum BundlePaths {
  /// Reads a manifest of any origin.
  ///
  /// - Throws: `RetortError` unless each path is a plain one below the folder, in order, each once, in a folder that is listed, and
  ///   the sizes add up to `bytes`.
  static func manifest(encoded: [UInt8], bytes: Int) throws -> FolderManifest {
    let manifest: FolderManifest
    do {
      manifest = try FolderManifest(encoded: encoded)
    } catch {
      throw RetortError.badBundle("the list of a folder's files makes no sense")
    }
    guard manifest.encoded == encoded else {
      throw RetortError.badBundle("the list of a folder's files is not in order")
    }
    var folders: Set<Substring> = [""]
    var last: String?
    var sum = 0
    for entry in manifest.entries {
      let parts = entry.path.split(separator: "/", omittingEmptySubsequences: false)
      let isPlain = parts.allSatisfy { part in
        !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 255 && !part.utf8.contains(0)
      }
      guard isPlain, parts.count <= 64, entry.path.utf8.count <= 2048 else {
        throw RetortError.badBundle("a path leads out of its folder, or is too long")
      }
      let parent = parts.count == 1 ? "" : entry.path[..<parts[parts.count - 2].endIndex]
      let isRepeated = last.map { $0.utf8.elementsEqual(entry.path.utf8) } ?? false
      guard !isRepeated, folders.contains(parent) else {
        throw RetortError.badBundle("a path is there twice, or in no folder")
      }
      last = entry.path
      guard let file = entry.file else {
        folders.insert(Substring(entry.path))
        continue
      }
      let (next, overflows) = sum.addingReportingOverflow(file.bytes)
      guard file.bytes >= 0, !overflows else { throw RetortError.badBundle("a file has an absurd size") }
      sum = next
    }
    guard sum == bytes else { throw RetortError.badBundle("the sizes of a folder's files do not add up") }
    return manifest
  }
}
