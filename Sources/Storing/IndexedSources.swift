import Artifacts
import FoundationEssentials
import Synchronization

/// Digests of the user's files that the index remembers by their status.
struct IndexedSources: SourceMemory {
  let cache: Cache

  func digest(of path: FilePath, with status: FileStatus) throws -> Digest? {
    let name = Self.absolute(path)
    if let recent = cache.pending.withLock({ $0.sources[name] }), recent.status == status { return recent.digest }
    return try cache.index.access { try $0.source(name, with: status) }
  }

  func remember(_ digest: Digest, of path: FilePath, with status: FileStatus) throws {
    let name = Self.absolute(path)
    cache.pending.withLock { $0.sources[name] = (status, digest) }
  }

  private static func absolute(_ path: FilePath) -> String {
    let whole = path.isAbsolute ? path : Files.currentFolder.pushing(path)
    return whole.lexicallyNormalized().string
  }
}

extension Index {
  func remember(_ sources: [String: (status: FileStatus, digest: Digest)]) throws {
    guard !sources.isEmpty else { return }
    try transaction { session in
      for (path, source) in sources { try session.remember(path, source.status, source.digest) }
    }
  }
}

extension IndexSession {
  func source(_ path: String, with status: FileStatus) throws -> Digest? {
    let row = try statement(
      "SELECT digest, sum FROM source WHERE path = ? AND bytes = ? AND modified = ? AND changed = ? AND inode = ? AND device = ?"
    )
    row.bind(1, path)
    bind(status, to: row, from: 2)
    defer { row.reset() }
    guard try row.step() else { return nil }
    let digest = try row.digest(0)
    guard RowSum.source(path, status, digest) == row.integer(1) else { throw RetortError.damagedRow }
    return digest
  }

  func remember(_ path: String, _ status: FileStatus, _ digest: Digest) throws {
    let row = try statement("INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    row.bind(1, path)
    bind(status, to: row, from: 2)
    row.bind(7, digest)
    row.bind(8, RowSum.source(path, status, digest))
    try row.run()
  }

  private func bind(_ status: FileStatus, to row: IndexStatement, from column: Int32) {
    row.bind(column, Int64(status.bytes))
    row.bind(column + 1, status.modified)
    row.bind(column + 2, status.changed)
    row.bind(column + 3, Int64(bitPattern: status.inode))
    row.bind(column + 4, Int64(bitPattern: status.device))
  }
}

extension Cache {
  /// Where files of the user's with the given contents were seen last, as far as the index remembers: a path each.
  public func sourcePaths(of digests: Set<Digest>) throws -> [Digest: FilePath] {
    guard !digests.isEmpty else { return [:] }
    try settle()
    return try index.access { session in
      let row = try session.statement("SELECT path, digest FROM source ORDER BY path")
      defer { row.reset() }
      var found: [Digest: FilePath] = [:]
      while try row.step() {
        let digest = try row.digest(1)
        if digests.contains(digest), found[digest] == nil { found[digest] = FilePath(try row.text(0)) }
      }
      return found
    }
  }

  /// The folders in which files of the user's lay that the index remembers.
  public var sourceFolders: [FilePath] {
    get throws {
      try settle()
      return try index.access { session in
        let row = try session.statement("SELECT path FROM source ORDER BY path")
        defer { row.reset() }
        var folders: [FilePath] = []
        while try row.step() {
          let folder = FilePath(try row.text(0)).removingLastComponent()
          if folders.last != folder { folders.append(folder) }
        }
        return folders
      }
    }
  }
}
