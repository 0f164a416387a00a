import Artifacts

extension Cache {
  /// The logs that attempts of a stage left in a run, in the order of the attempts. A stage that was cached left none.
  public func logs(of label: String, in run: RunID) throws -> [FilePath] {
    let folder = layout.logs(of: run)
    guard try Files.status(of: folder) != nil else { return [] }
    let ending = "-\(CacheAttempt.fileName(label)).log"
    let found = try Files.names(in: folder).compactMap { name -> (number: Int, name: String)? in
      guard name.hasSuffix(ending) else { return nil }
      // The number alone stands before: another label may end alike.
      return Int(name.dropLast(ending.count)).map { ($0, name) }
    }
    return found.sorted { $0.number < $1.number }.map { folder.appending($0.name) }
  }

  /// Whether the attempt that wrote a log has ended. One that was killed never says so: its run is then lost.
  public func isComplete(log: FilePath) throws -> Bool { try Files.status(of: log)?.isReadOnly ?? false }

  /// The failure of the attempt that wrote a log; nil where it did not fail, or has not ended.
  public func failure(of log: FilePath, in run: RunID) throws -> Failure? {
    let name = layout.relative(log)
    return try failures(of: run).last { $0.log == name }
  }
}
