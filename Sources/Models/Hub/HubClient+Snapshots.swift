import Artifacts

extension HubClient {
  /// Bounds of what is kept of an answer in memory.
  private static let longestAnswer = 1 << 25

  /// What a revision of a repository means now, and which files it has.
  ///
  /// - Parameters:
  ///   - revision: a branch, a tag or a commit.
  ///   - check: called now and then; what it throws ends the request.
  /// - Throws: `hub.offline`, `hub.unreachable`, `hub.busy`, `hub.unauthorised`, `hub.gated`, `hub.no-repository`,
  ///   `hub.no-revision`, `hub.answer`.
  public func snapshot(
    of repository: HubRepository, revision: String = "main", check: () throws -> Void = {}
  ) throws -> HubSnapshot {
    try HubRepository.check(revision: revision)
    let address = try url("/api/models/\(repository)/revision/\(HubURL.escaped(revision))?blobs=true")
    let answer = try trying("\(repository)@\(revision)", check: check) { _ in
      var body: [UInt8] = []
      let head = try exchange(.get, address) { event in
        try check()
        if case .body(let bytes) = event {
          guard body.count + bytes.count <= Self.longestAnswer else {
            throw RetortError.strangeAnswer("it says more than \(Self.longestAnswer >> 20) MB")
          }
          body += bytes
        }
        return true
      }
      try requireSuccess(head, of: repository, revision: revision)
      return body
    }
    let snapshot = try HubSnapshot(repository, revision: revision, answer: answer)
    if HubRepository.isCommit(revision), snapshot.commit != revision {
      throw RetortError.strangeAnswer("asked for commit \(revision.prefix(12)) it gives \(snapshot.commit.prefix(12))")
    }
    return snapshot
  }

  /// A file with its size and digest, which the list of files need not state.
  ///
  /// - Throws: what `snapshot` throws, `hub.no-file`, and `hub.no-digest` where the hub states neither.
  func described(
    _ file: HubFile, of snapshot: HubSnapshot, check: () throws -> Void
  ) throws -> (file: HubFile, bytes: Int, digest: HubDigest) {
    if let bytes = file.bytes, let digest = file.digest { return (file, bytes, digest) }
    let address = try url(of: file, snapshot)
    let head = try trying(file.name, check: check) { _ in
      let head = try exchange(.head, address, leavesHub: false) { _ in
        try check()
        return true
      }
      if head.location == nil {
        try requireSuccess(head, of: snapshot.repository, revision: snapshot.revision, file: file.name)
      }
      return head
    }
    try require(snapshot.commit, head)
    let size = head["X-Linked-Size"] ?? (head.location == nil ? head["Content-Length"] : nil)
    guard let bytes = size.flatMap({ Int($0) }), HubFile.sizes.contains(bytes),
      let digest = (head["X-Linked-Etag"] ?? head["ETag"]).flatMap(HubDigest.init(tag:))
    else {
      throw refusal(
        "hub.no-digest", "The hub does not state the size and the digest of this file, so it could not be verified.",
        at: file.name, remedy: "Check HF_ENDPOINT: a mirror must pass on X-Linked-Size and X-Linked-Etag.")
    }
    return (HubFile(file.name, bytes: bytes, digest: digest), bytes, digest)
  }

  func url(of file: HubFile, _ snapshot: HubSnapshot) throws(RetortError) -> HubURL {
    let path = file.name.split(separator: "/").map { HubURL.escaped(String($0)) }.joined(separator: "/")
    return try url("/\(snapshot.repository)/resolve/\(snapshot.commit)/\(path)")
  }

  /// - Throws: where a file comes from another commit than was asked for.
  func require(_ commit: String, _ head: HubResponse) throws(RetortError) {
    guard let other = head["X-Repo-Commit"], other != commit else { return }
    throw .strangeAnswer("asked for commit \(commit.prefix(12)) it sends a file of \(RetortError.quoted(other))")
  }
}
