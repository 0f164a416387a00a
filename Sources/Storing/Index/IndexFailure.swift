import Artifacts
import CSQLite

extension RetortError {
  /// An error of the index as a sentence; errors of this kind pass unchanged.
  static func index(_ error: any Error, at path: FilePath) -> RetortError {
    if let known = error as? RetortError { return known.located(Place(file: path.string)) }
    guard let failure = error as? SQLiteFailure else {
      return RetortError(
        "cache.index", "The index failed: \(error).", at: Place(file: path.string), blame: .internal, cause: error)
    }
    let place = Place(file: path.string)
    switch failure.kind {
    case SQLITE_FULL: return RetortError(Errno.noSpace, .write, path)
    case SQLITE_IOERR where failure.code == sharedMemorySize: return RetortError(Errno.noSpace, .write, path)
    case SQLITE_IOERR: return RetortError(Errno.ioError, .write, path)
    case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: return .readOnlyCache(path, cause: failure)
    case SQLITE_BUSY, SQLITE_LOCKED:
      return RetortError(
        "cache.busy", "Another process writes to the index for very long.", remedy: "Run again.", at: place,
        blame: .environment, isTransient: true, cause: failure)
    case SQLITE_NOMEM:
      return RetortError("memory.full", "There is not enough memory.", at: place, blame: .environment, cause: failure)
    default:
      return .damagedIndex(
        "The index is damaged (\(failure.message)).", cause: failure
      )
      .located(place)
    }
  }

  /// `SQLITE_IOERR_SHMSIZE`, which C computes: the file beside the log could not grow.
  private static let sharedMemorySize = SQLITE_IOERR | 19 << 8

  static func damagedIndex(_ message: String, cause: (any Error)? = nil) -> RetortError {
    RetortError(
      "cache.index-damaged", message,
      remedy: "Run “retort verify --repair”, which rebuilds it from the journal.", blame: .environment, cause: cause)
  }

  static func readOnlyCache(_ path: FilePath, cause: any Error) -> RetortError {
    RetortError(
      "cache.read-only", "The cache is read-only.",
      remedy: "Choose another with --cache DIR, or give yourself the right to write there.",
      at: Place(file: path.string), blame: .environment, cause: cause)
  }

  /// The same error, said of the cache.
  var ofCache: RetortError {
    guard code == "file.read-only" else { return self }
    return .readOnlyCache(FilePath(place.file ?? ""), cause: self)
  }
}
