import Artifacts
import Stages
import Storing

/// Finds files and folders of the user's by their digest: where they lay when they were read, and where the user says.
struct SourceFinder {
  let cache: Cache
  /// Files, and folders that are searched with all that is in them.
  let data: [FilePath]

  /// More files than this are not hashed.
  private static let mostFiles = 100_000

  /// - Throws: `RetortError` with the digests that no file has.
  func sources(of digests: [Digest]) throws -> [Digest: SourceDeclaration] {
    var found: [Digest: SourceDeclaration] = [:]
    var missing = Set(digests)
    func note(_ source: SourceDeclaration) {
      // What cannot be read is not what is looked for.
      guard !missing.isEmpty, let digest = try? cache.digest(of: source), missing.remove(digest) != nil else { return }
      found[digest] = source
    }
    for path in try cache.sourcePaths(of: missing).values { note(SourceDeclaration(path: path)) }
    if !missing.isEmpty {
      for folder in try cache.sourceFolders { BuiltInStages.sources(at: folder).forEach(note) }
    }
    // A file that was very young when it was read is remembered by nobody: but somebody named it.
    for path in try missing.isEmpty ? [] : namedPaths { note(SourceDeclaration(path: path)) }
    var left = Self.mostFiles
    for path in data where !missing.isEmpty {
      guard let status = try Files.status(of: path) else {
        throw RetortError(
          "usage.data", "There is nothing at “\(path)”.", remedy: "Name a file or a folder with --search.",
          at: Place(file: path.string))
      }
      try search(path, status.kind, left: &left, note)
    }
    guard missing.isEmpty else {
      let names = missing.sorted().map(\.short).joined(separator: ", ")
      throw RetortError(
        "reproduce.source", "A file that was read is nowhere to be found: no file has the digest \(names).",
        remedy: "Name the file, or a folder with it, with --search.")
    }
    return found
  }

  /// The files that command lines of recent runs named, and those in folders that they named.
  private var namedPaths: [FilePath] {
    get throws {
      var seen: Set<String> = []
      var files: [FilePath] = []
      for word in try cache.runs(limit: 50).flatMap({ $0.request.arguments }) {
        let value = word.hasPrefix("-") ? String(word.drop { $0 != "=" }.dropFirst()) : word
        guard !value.isEmpty, seen.insert(value).inserted else { continue }
        let path = FilePath(value)
        switch try? Files.status(of: path)?.kind {
        case .file: files.append(path)
        case .folder: files += ((try? Files.names(in: path)) ?? []).prefix(1_000).map { path.appending($0) }
        default: break
        }
      }
      return files
    }
  }

  private func search(
    _ path: FilePath, _ kind: FileStatus.Kind, left: inout Int, _ note: (SourceDeclaration) -> Void
  ) throws {
    switch kind {
    case .file:
      guard left > 0 else { return }
      left -= 1
      note(SourceDeclaration(path: path))
    case .folder:
      BuiltInStages.sources(at: path).forEach(note)
      for name in try Files.names(in: path) where left > 0 {
        let child = path.appending(name)
        // Links are not followed: they may lead in a circle.
        guard let status = try Files.status(of: child, followsLinks: false) else { continue }
        try search(child, status.kind, left: &left, note)
      }
    case .link, .other: return
    }
  }
}
