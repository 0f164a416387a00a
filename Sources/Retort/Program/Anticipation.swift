import Planning
import Storing
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a run will ask of its cache, begun while the command line is still being read.
///
/// Reading the command line, declaring the stages and encoding them takes one core about as long as loading the matrix
/// library, opening the cache and reading the last run takes another. The cache is the one that the command line most
/// likely names: where it turns out to be another one, nothing was done that opening a cache does not do.
package final class Anticipation: Sendable {
  package let folder: FilePath
  let cache: LateCache
  package let recollecting: Recollecting

  private init(_ folder: FilePath, _ pipeline: String, _ profile: @escaping @Sendable () -> NumericsProfile) {
    self.folder = folder
    let cache = LateCache { try Cache(folder) }
    self.cache = cache
    recollecting = Recollecting(of: pipeline, preferring: profile) { try cache.opened() }
  }

  /// This one, if it is of the cache that the command line names.
  func of(_ named: FilePath) -> Anticipation? { folder == named ? self : nil }

  /// Begins; nil where there is no cache that could be written, or the command line asks for something else.
  ///
  /// - Parameters:
  ///   - pipeline: the name under which the cache knows the program's runs.
  ///   - profile: this machine's numerics.
  package static func begin(
    _ arguments: [String], pipeline: String,
    preferring profile: @escaping @Sendable () -> NumericsProfile = { Machine.profile.numerics }
  ) -> Anticipation? {
    guard let folder = folder(in: arguments), Cache.isThere(in: folder) else { return nil }
    BLAS.chooseKernels()
    return Anticipation(folder, pipeline, profile)
  }

  /// Ends the process.
  ///
  /// A thread that is still at work is not waited for: the command line was wrong, and a cache is whole whenever a process
  /// ends. But what the C library does at an orderly end must not happen under it.
  static func exit(_ status: ProgramStatus, _ anticipation: Anticipation?) -> Never {
    if anticipation?.recollecting.isOver ?? true { systemExit(status.rawValue) }
    fflush(nil)
    _exit(status.rawValue)
  }

  /// The cache that a command line names, as far as its words alone tell; nil where it asks for no work.
  private static func folder(in arguments: [String]) -> FilePath? {
    var folder = CacheOptions.standard
    for (place, argument) in arguments.enumerated() {
      if argument == "--" { break }
      if argument == "help" || argument.hasPrefix("---") || ReservedNames.builtIn.contains(argument) { return nil }
      if argument == "--cache", place + 1 < arguments.count { folder = arguments[place + 1] }
      if argument.hasPrefix("--cache=") { folder = String(argument.dropFirst("--cache=".count)) }
    }
    return FilePath(folder)
  }
}

private func systemExit(_ code: Int32) -> Never { exit(code) }
