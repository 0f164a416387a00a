import Artifacts
import FoundationEssentials
import Synchronization

extension Cache {
  public func beginAttempt(
    of key: Key, recipe: Recipe, stage: StageIdentity, label: String, run: RunID
  ) throws -> any Attempt {
    try makeLogFolder(of: run)
    // As a rule its key became known on the way. Should the run be killed, what it gives, or a snapshot of it, is the run's.
    let new = unpinned(CollectionOfOne(key), of: run)
    _ = try append(isDurable: false) { _, _ in
      [.attempt(key, stage, recipe: recipe.bytes)] + (new.isEmpty ? [] : [.pinned(run, new)])
    }
    notePinned(new, to: run)
    return CacheAttempt(cache: self, key: key, stage: stage, label: label, run: run)
  }
}

extension Cache {
  /// Made with the first attempt of a run: one with nothing to do leaves no folder.
  private func makeLogFolder(of run: RunID) throws {
    if writer.withLock({ $0.runs[run]?.hasLogs ?? false }) { return }
    try Files.makeFolder(layout.logs(of: run))
    writer.withLock { $0.runs[run]?.hasLogs = true }
  }
}

/// One computation on its way into a cache.
final class CacheAttempt: Attempt {
  let cache: Cache
  let key: Key
  let stage: StageIdentity
  let label: String
  let run: RunID
  private let place: FilePath
  let log: FilePath
  /// Whether the folder was made and the log opened, and whether the attempt is over.
  private let state = Mutex((hasFolder: false, hasLog: false, isOver: false))

  init(cache: Cache, key: Key, stage: StageIdentity, label: String, run: RunID) {
    (self.cache, self.key, self.stage, self.label, self.run) = (cache, key, stage, label, run)
    let number = Files.nextNumber()
    place = cache.layout.staging(of: run).appending(String(number))
    log = cache.layout.logs(of: run).appending("\(number)-\(Self.fileName(label)).log")
  }

  /// A label as part of a file's name.
  static func fileName(_ label: String) -> String {
    if label.utf8.count <= 60, label.utf8.allSatisfy(isPlain) { return label }
    let allowed = label.unicodeScalars.map { scalar in
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "-_.".unicodeScalars.contains(scalar)
        ? Character(scalar) : "_"
    }
    return String(allowed.prefix(60))
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  var folder: FilePath {
    get throws {
      try state.withLock { state in
        if !state.hasFolder {
          try Files.makeFolder(place)
          state.hasFolder = true
        }
      }
      return place
    }
  }

  func openLog() throws -> OpenFile {
    state.withLock { $0.hasLog = true }
    return try OpenFile(log, .updating)
  }

  func publish(_ parts: [OutputPart], details: ExecutionDetails) throws -> Execution {
    try end()
    defer { close() }
    do {
      var publication = Publication(cache: cache)
      for part in parts { try publication.stage(part, in: place) }
      return try publication.commit(key: key, stage: stage, run: run, details: details)
    } catch let error as RetortError {
      throw error.ofCache
    }
  }

  func fail(_ error: RetortError) throws {
    try end()
    defer { close() }
    let failure = Failure(
      key: key, stage: stage, label: label, run: run, at: Date().timeIntervalSince1970, code: error.code.rawValue,
      message: error.message, log: cache.layout.relative(log))
    _ = try cache.append(isDurable: false) { _, _ in [.failed(failure)] }
  }

  func abandon() throws {
    try end()
    close()
  }

  private func end() throws {
    try state.withLock { state in
      guard !state.isOver else {
        throw RetortError("attempt.over", "An attempt was ended twice.", blame: .internal)
      }
      state.isOver = true
    }
  }

  /// What cannot be removed now is left to the next collection. A log that is complete is read-only, which tells who
  /// follows it; that it stays writable does no other harm.
  private func close() {
    let (hasFolder, hasLog, _) = state.withLock { $0 }
    if hasFolder { try? Files.remove(place) }
    if hasLog { try? Files.makeReadOnly(log) }
  }
}

extension CacheLayout {
  /// A path below the cache's folder, as records keep it.
  func relative(_ path: FilePath) -> String {
    var copy = path
    return copy.removePrefix(root) ? copy.string : path.string
  }
}
