import Artifacts
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The models that pipelines import by name: a folder for each commit, and what each moving revision means.
///
/// ```
/// OWNER--NAME/commits/1a2b…/config.json …
/// OWNER--NAME/revisions/main          the commit, as text
/// ```
/// A branch is looked up once and then means that commit for good, so that a pipeline does not change under its user;
/// `retort pull OWNER/NAME` looks it up again.
public struct HubCache: Sendable {
  public let folder: FilePath
  private let client: HubClient

  /// The hub's address.
  public var endpoint: String { client.settings.endpoint }

  public init(_ client: HubClient) { (self.client, folder) = (client, client.settings.folder) }

  /// The commit that a revision means: as it was remembered, else as the hub says now.
  ///
  /// - Throws: what `HubClient.snapshot` throws, where it must be asked.
  public func commit(of repository: HubRepository, revision: String) throws -> String {
    try HubRepository.check(revision: revision)
    if HubRepository.isCommit(revision) { return revision }
    if let known = try remembered(repository, revision) { return known }
    let commit = try client.snapshot(of: repository, revision: revision).commit
    try remember(commit, of: repository, revision: revision)
    return commit
  }

  /// What a moving revision was found to mean; nil where it was never looked up.
  public func remembered(_ repository: HubRepository, _ revision: String) throws -> String? {
    let path = place(of: revision, repository)
    guard try Files.status(of: path) != nil else { return nil }
    let text = String(decoding: try contents(of: path, limit: 64), as: UTF8.self).filter { !$0.isWhitespace }
    return HubRepository.isCommit(text) ? text : nil
  }

  public func remember(_ commit: String, of repository: HubRepository, revision: String) throws {
    guard !HubRepository.isCommit(revision) else { return }
    let path = place(of: revision, repository)
    try Files.makeFolder(path.removingLastComponent())
    try Files.replace(path, with: Array("\(commit)\n".utf8), isDurable: false)
  }

  /// The folder of a commit with everything that the model needs, fetched and verified as far as it is not there.
  public func model(
    _ repository: HubRepository, commit: String, progress: (HubProgress) throws -> Void = { _ in }
  ) throws -> FilePath {
    let target = try home(of: repository, commit)
    let waiting = { try progress(HubProgress(file: "", done: 0, total: 0)) }
    return try locked(repository, commit, waiting: waiting) {
      try client.pull(repository, revision: commit, into: target, progress: progress).folder
    }
  }

  /// The folder of a commit with at least its `config.json`; nil where that is not here and the hub cannot be reached.
  ///
  /// - Throws: refusals of the hub, and those of `HubSelection.needed`.
  public func configuration(_ repository: HubRepository, commit: String) throws -> FilePath? {
    let target = try home(of: repository, commit)
    if try Files.status(of: target.appending(HubSelection.configuration)) != nil { return target }
    do {
      return try locked(repository, commit) {
        let snapshot = try client.snapshot(of: repository, revision: commit)
        guard let file = try HubSelection.needed(snapshot).first(where: { $0.name == HubSelection.configuration })
        else {
          return nil
        }
        let known = try client.described(file, of: snapshot) {}
        try client.download(
          file, bytes: known.bytes, digest: known.digest, of: snapshot, to: target.appending(file.name)
        ) { _ in }
        return target
      }
    } catch let error as RetortError where error.isTransient || error.code == "hub.offline" {
      return nil
    }
  }

  private func place(of revision: String, _ repository: HubRepository) -> FilePath {
    folder.appending(repository.folderName).appending("revisions").appending(HubURL.escaped(revision))
  }

  private func home(of repository: HubRepository, _ commit: String) throws -> FilePath {
    guard HubRepository.isCommit(commit) else {
      throw refusal("hub.revision", "“\(commit)” is no commit.", remedy: "Give 40 hexadecimal digits.")
    }
    let target = folder.appending(repository.folderName).appending("commits").appending(commit)
    return target
  }

  /// Of several processes that want a commit one fetches it.
  ///
  /// - Parameter waiting: called while another does; what it throws ends the waiting.
  private func locked<Result>(
    _ repository: HubRepository, _ commit: String, waiting: () throws -> Void = {}, _ body: () throws -> Result
  ) throws -> Result {
    try Files.makeFolder(try home(of: repository, commit))
    let path = folder.appending(repository.folderName).appending("lock")
    var lock = try ByteLock.attempt(.exclusive, of: path, at: 0)
    while lock == nil {
      try waiting()
      usleep(100_000)
      lock = try ByteLock.attempt(.exclusive, of: path, at: 0)
    }
    return try withExtendedLifetime(lock) { try body() }
  }
}
