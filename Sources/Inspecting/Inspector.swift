import Artifacts
import Storing

/// Answers questions about a cache: what ran, what came of it, from what, and why. Reads only.
public struct Inspector: Sendable {
  public let cache: Cache

  public init(_ cache: Cache) { self.cache = cache }

  /// Opens the cache in `root` for reading; one that cannot be written is fine.
  public init(at root: FilePath) throws { cache = try Cache(root, access: .reading) }

  /// The newest runs, newest first.
  public func runs(limit: Int = .max) throws -> [RunRecord] { try cache.runs(limit: limit) }

  public func size() throws -> CacheSize { try cache.size() }
}
