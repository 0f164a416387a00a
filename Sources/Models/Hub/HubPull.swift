import Artifacts

/// What a pull found and did.
public struct HubReport: Sendable, Hashable {
  public struct File: Sendable, Hashable {
    public var name: String
    public var bytes: Int
    public var digest: HubDigest
    /// False where the file lay there already.
    public var isFetched: Bool
  }

  public var repository: HubRepository
  public var revision: String
  public var commit: String
  public var folder: FilePath
  public var files: [File]
  /// Whether there was nothing to do.
  public var isUpToDate: Bool { files.allSatisfy { !$0.isFetched } }
  /// The bytes of all files.
  public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }
}

/// How far a pull is, in bytes.
public struct HubProgress: Sendable, Hashable {
  /// The file that arrives.
  public var file: String
  /// Of all files that are fetched.
  public var done: Int
  public var total: Int
}

extension HubClient {
  /// Fetches what a model needs into a folder. A folder that has it already costs one request, or none for a commit.
  ///
  /// - Parameters:
  ///   - revision: a branch, a tag or a commit.
  ///   - isForced: also replace files that no earlier pull wrote.
  ///   - isDry: only say what would be fetched.
  ///   - progress: called for every piece that arrives; what it throws ends the pull, which can be taken up again.
  /// - Throws: what `snapshot`, `HubSelection.needed` and `download` throw, `hub.foreign-file`, `hub.manifest`.
  public func pull(
    _ repository: HubRepository, revision: String = "main", into folder: FilePath, isForced: Bool = false,
    isDry: Bool = false, progress: (HubProgress) throws -> Void = { _ in }
  ) throws -> HubReport {
    let old = try HubManifest.read(in: folder)
    if HubRepository.isCommit(revision), let report = try old?.report(of: repository, revision, at: folder) {
      return report
    }
    let idle = HubProgress(file: "", done: 0, total: 0)
    let snapshot = try snapshot(of: repository, revision: revision) { try progress(idle) }
    if let report = try old?.report(of: repository, snapshot.commit, at: folder) { return report }

    let needed = try HubSelection.needed(snapshot)
    var files: [HubReport.File] = []
    for file in needed {
      let known = try described(file, of: snapshot) { try progress(idle) }
      let path = folder.appending(file.name)
      let isThere = try Files.status(of: path) != nil
      let isRight = try isThere && Files.existing(path).bytes == known.bytes && known.digest.matches(path)
      if isThere, !isRight, !isForced { try requireOwn(path, file.name, old) }
      files.append(.init(name: file.name, bytes: known.bytes, digest: known.digest, isFetched: !isRight))
    }
    let report = HubReport(
      repository: repository, revision: revision, commit: snapshot.commit, folder: folder, files: files)
    if !isDry { try fetch(report, snapshot, replacing: old?.files ?? [], progress) }
    return report
  }

  /// - Throws: where a file is not as an earlier pull left it.
  private func requireOwn(_ path: FilePath, _ name: String, _ manifest: HubManifest?) throws {
    let isOwn = try manifest?.files.contains { try $0.name == name && $0.digest.matches(path) } ?? false
    guard !isOwn else { return }
    throw refusal(
      "hub.foreign-file", "This file is in the way, and no pull wrote it.", at: path.string,
      remedy: "Move it away, choose another folder, or replace it with --force.")
  }

  private func fetch(
    _ report: HubReport, _ snapshot: HubSnapshot, replacing old: [HubManifest.File],
    _ progress: (HubProgress) throws -> Void
  ) throws {
    let folder = report.folder
    try Files.makeFolder(folder)
    let files = report.files.map { HubManifest.File(name: $0.name, bytes: $0.bytes, digest: $0.digest) }
    var manifest = HubManifest(
      repository: report.repository.description, revision: report.revision, commit: nil, files: files + old)
    // Says first whose the files are: after a kill in between, the next pull may replace them.
    try manifest.write(in: folder)
    let total = report.files.reduce(0) { $0 + ($1.isFetched ? $1.bytes : 0) }
    var done = 0
    for file in report.files where file.isFetched {
      try download(
        HubFile(file.name), bytes: file.bytes, digest: file.digest, of: snapshot, to: folder.appending(file.name)
      ) { try progress(HubProgress(file: file.name, done: done + $0, total: total)) }
      done += file.bytes
    }
    let names = Set(files.map(\.name))
    for stale in old where !names.contains(stale.name) {
      let path = folder.appending(stale.name)
      if try Files.status(of: path) != nil, try stale.digest.matches(path) { try Files.remove(path) }
    }
    for name in try Files.names(in: folder) where Self.isPartial(name) { try Files.remove(folder.appending(name)) }
    (manifest.files, manifest.commit) = (files, report.commit)
    try manifest.stamped(in: folder).write(in: folder)
  }
}

extension HubManifest {
  /// What there is to say of a folder that holds a commit whole and untouched; nil for any other.
  fileprivate func report(of repository: HubRepository, _ commit: String, at folder: FilePath) throws -> HubReport? {
    guard self.commit == commit, self.repository == repository.description, try isUntouched(in: folder) else {
      return nil
    }
    return HubReport(
      repository: repository, revision: revision, commit: commit, folder: folder,
      files: files.map { .init(name: $0.name, bytes: $0.bytes, digest: $0.digest, isFetched: false) })
  }
}
