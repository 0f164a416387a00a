import Artifacts

/// Moves the parts of one output into the store: staged, synced, renamed, then recorded.
///
/// A crash before the record is whole leaves orphans, which a collection removes.
struct Publication {
  /// Content up to this size lies in the journal and the index instead of a file of its own.
  static let largestInline = 64 << 10
  /// Content up to this size is recorded again without asking whether it is known: the question takes longer.
  private static let largestRepeated = 256

  private let cache: Cache
  private var outputs: [OutputEntry] = []
  private var contents: [Digest: StoredContent] = [:]
  /// Where staged objects lie, by digest.
  private var staged: [Digest: FilePath] = [:]

  init(cache: Cache) { self.cache = cache }

  /// Hashes a part and makes it safe from a loss of power, still in the attempt's folder.
  mutating func stage(_ part: OutputPart, in folder: FilePath) throws {
    let (digest, content) =
      switch part.content {
      case .value(let bytes): try stage(bytes, in: folder)
      case .folder(let path): try stage(path, in: folder)
      }
    contents[digest] = content
    outputs.append(
      OutputEntry(
        port: part.port,
        record: ArtifactRecord(digest: digest, kind: part.kind, bytes: content.bytes, facts: part.facts),
        form: content.form))
    FaultPoint.pass("publication.staged")
  }

  private mutating func stage(_ bytes: [UInt8], in folder: FilePath) throws -> (Digest, StoredContent) {
    let digest = Digest(of: bytes)
    guard bytes.count > Self.largestInline else {
      return (digest, StoredContent(form: .inline, bytes: bytes.count, data: bytes))
    }
    let content = StoredContent(form: .file, bytes: bytes.count, data: [])
    if staged[digest] == nil {
      try Files.makeFolder(folder)
      let path = folder.appending(".value-\(Files.nextNumber())")
      let file = try OpenFile(path, .creating)
      try file.write(bytes, at: 0)
      try file.makeReadOnly()
      try file.sync()
      staged[digest] = path
    }
    return (digest, content)
  }

  private mutating func stage(_ path: FilePath, in folder: FilePath) throws -> (Digest, StoredContent) {
    if let digest = cache.layout.digest(ofObject: path), let known = try cache.storedContent(digest) {
      return (digest, known)
    }
    guard path.lexicallyNormalized().starts(with: folder.lexicallyNormalized()) else {
      throw RetortError(
        "artifact.place", "The stage returned a folder outside of its own.",
        remedy: "Write into a folder from StageContext.folder(_:).", at: Place(file: path.string), blame: .stage)
    }
    let manifest = try FolderManifest(of: path) { file in
      try file.makeReadOnly()
      try file.sync()
    } visitingFolder: {
      try Files.syncFolder($0)
    }
    let digest = manifest.digest
    if staged[digest] == nil { staged[digest] = path }
    return (digest, StoredContent(form: .folder, bytes: manifest.bytes, data: manifest.encoded))
  }

  /// Renames what was staged and appends the record.
  func commit(key: Key, stage: StageIdentity, run: RunID, details: ExecutionDetails) throws -> Execution {
    let gate = try Gate.pass(cache.locks)
    defer { withExtendedLifetime(gate) {} }
    for (digest, path) in staged.sorted(by: { $0.key < $1.key }) { try move(path, digest) }
    let entry = ExecutionEntry(key: key, stage: stage, run: run, details: details, outputs: outputs)
    let new = try contents.filter { digest, content in
      if content.isInline(upTo: Self.largestRepeated) { return true }
      // A collection may have forgotten it until the gate was passed, but not any more. Recording it twice does no harm.
      try cache.refresh()
      return try cache.knownContent(digest)?.form != content.form
    }
    let records = new.sorted { $0.key < $1.key }.map { JournalRecord.content($0.key, $0.value) } + [.executed(entry)]
    // Work of some length, and whatever has a file of its own, is worth a wait on the disk.
    let offsets = try cache.append(isDurable: !staged.isEmpty || details.seconds >= 0.25) { _, _ in records }
    guard let id = offsets.last else { throw RetortError.damaged("A record was lost.") }
    return entry.execution(id: id)
  }

  private func move(_ path: FilePath, _ digest: Digest) throws {
    guard let content = contents[digest] else { return }
    let target = cache.layout.object(digest)
    if try Files.status(of: target, followsLinks: false) != nil {
      if try ObjectCheck.hasRightSize(target, content) { return }
      try cache.setAside(target, digest)
    }
    let parent = target.removingLastComponent()
    try Files.makeFolder(parent)
    FaultPoint.pass("object.rename")
    do {
      try Files.rename(path, to: target)
    } catch {
      // Another stage with the same content may have come first: a folder does not replace one that is not empty.
      guard try Files.status(of: target, followsLinks: false) != nil, try ObjectCheck.hasRightSize(target, content)
      else { throw error }
    }
    FaultPoint.pass("object.renamed")
    try Files.syncFolder(parent)
    try Files.syncFolder(cache.layout.objects)
  }
}

extension Cache {
  /// Moves a damaged object out of the way, so that it can be computed anew.
  func setAside(_ object: FilePath, _ digest: Digest) throws {
    try Files.makeFolder(layout.quarantine)
    try Files.rename(object, to: layout.quarantine.appending("\(digest.short)-\(Files.nextNumber())"))
  }
}
