import Artifacts

/// Which version of the tables an index has, before SQLite opens it: what another version wrote is not touched.
extension Schema {
  /// - Throws: `cache.newer` for an index of a later version.
  static func refuseNewer(_ path: FilePath) throws {
    guard let found = version(of: path), found > version else { return }
    throw newer(found).located(Place(file: path.string))
  }

  /// Whether an index is of an earlier version than this code's.
  static func isOlder(_ path: FilePath) -> Bool { version(of: path).map { $0 < version } ?? false }

  /// The `user_version` in the head of a file that SQLite calls its own; nil for any other, and where there is none.
  ///
  /// The write-ahead log of a young index may know a later one: then SQLite says so as soon as it is asked.
  private static func version(of path: FilePath) -> Int? {
    guard let head = try? OpenFile(path, .reading).read(headSize, at: 0), head.count == headSize,
      head.starts(with: title)
    else { return nil }
    return head[versionOffset..<versionOffset + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  // https://www.sqlite.org/fileformat.html#the_database_header
  private static let headSize = 100
  private static let versionOffset = 60
  private static let title = Array("SQLite format 3\u{0}".utf8)

  static func newer(_ found: Int) -> RetortError {
    RetortError(
      "cache.newer",
      "The index was written by a newer Retort: it has version \(found), and this program knows \(version).",
      remedy: "Use the newer program on this cache, or another cache with --cache DIR. Nothing was changed.",
      blame: .environment)
  }

  static func older(_ found: Int) -> RetortError {
    RetortError(
      "cache.index-older", "The index was written by an older Retort: it has version \(found), not \(version).",
      remedy: "Run “retort verify --repair”, which makes it anew from the journal.", blame: .environment)
  }
}
