import Declaring

/// One result on its way to a folder of the user's.
struct Delivery: Sendable {
  var label: String
  var destination: FilePath
  var digest: Digest
  /// What is written beside it.
  let notes: @Sendable () throws -> [DeliveryNote]

  /// Nil for a stage that delivers nothing.
  ///
  /// - Parameter account: how the result came about, for notes on it; nil leaves them out.
  init?(
    of stage: any Stage, label: String, execution: Execution, account: (@Sendable () -> DeliveryAccount)? = nil
  ) {
    guard let delivering = stage as? any Delivering, let output = execution.output("") else { return nil }
    self.label = label
    destination = delivering.destination.path.lexicallyNormalized()
    digest = output.digest
    notes = { try account.map { try delivering.notes(on: $0()) } ?? [] }
  }

  /// Restores all destinations that differ from their results. Returns what went wrong, by delivery.
  static func carryOut(_ deliveries: [Delivery], from store: any ArtifactStore, events: EventBus) async -> [RetortError]
  {
    await withCheckedContinuation { continuation in
      StageThreads.shared.run {
        var owners: [FilePath: String] = [:]
        var faults: [RetortError] = []
        for delivery in deliveries {
          do {
            if let other = owners.updateValue(delivery.label, forKey: delivery.destination) {
              throw RetortError(
                "deliver.shared-destination", "The stage “\(other)” delivers to the same folder.",
                remedy: "Give each a folder of its own.", at: Place(file: delivery.destination.string))
            }
            let written = try delivery.carryOut(from: store)
            if written > 0 {
              events.post(
                .delivered(label: delivery.label, destination: delivery.destination.string, files: written))
            }
          } catch {
            faults.append(RetortError(of: error, in: delivery.label))
          }
        }
        continuation.resume(returning: faults)
      }
    }
  }

  /// Returns the number of files written.
  func carryOut(from store: any ArtifactStore) throws -> Int {
    let old = try DeliveryManifest.read(in: destination)
    var notes = try DeliveredNotes(self.notes(), in: destination, old: old)
    if let old, old.artifact == digest, notes.areListed(in: old), try old.isUntouched(in: destination) { return 0 }
    guard case .folder(let source) = try store.content(of: digest) else {
      throw RetortError(
        "artifact.form", "A value was stored where a folder is expected.", at: Place(stage: label), blame: .internal)
    }
    let contents = try FolderManifest(of: source)
    var listed: [String: DeliveryManifest.File] = [:]
    for file in old?.files ?? [] { listed[file.path] = file }

    var wanted: [DeliveryManifest.File] = []
    var missing: [DeliveryManifest.File] = []
    for entry in contents.entries {
      guard let file = entry.file else { continue }
      guard entry.path != DeliveryManifest.name else { continue }
      let item = DeliveryManifest.File(path: entry.path, digest: file.digest, bytes: file.bytes)
      wanted.append(item)
      if try !isThere(item, isListed: listed[entry.path] != nil) { missing.append(item) }
    }
    notes.leaveOut(Set(wanted.map(\.path)))
    let manifest = DeliveryManifest(artifact: digest, files: wanted + notes.files)
    let kept = Set(manifest.files.map(\.path))
    let stale = (old?.files ?? []).filter { !kept.contains($0.path) }

    try Files.makeFolder(destination)
    // Says first what is Retort's: after a kill in between, the next run may replace all of it.
    try DeliveryManifest(artifact: nil, files: manifest.files + notes.earlier + stale).write(in: destination)
    FaultPoint.pass("deliver.announced")
    for file in missing {
      try copy(file, from: source)
      FaultPoint.pass("deliver.file")
    }
    let written = try notes.write()
    for file in stale { try removeIfUnchanged(file) }
    try manifest.stamped(in: destination).write(in: destination)
    return missing.count + written
  }

  /// Whether a file lies there as it should; throws where one of somebody else's is in the way.
  private func isThere(_ file: DeliveryManifest.File, isListed: Bool) throws -> Bool {
    let path = destination.appending(FilePath(file.path).components)
    guard let status = try Files.status(of: path, followsLinks: false) else { return false }
    if status.kind == .file, status.bytes == file.bytes, try Files.digest(of: path).digest == file.digest {
      return true
    }
    guard isListed, status.kind == .file else {
      throw RetortError(
        "deliver.foreign-file", "This file is in the way of a result, and Retort did not write it.",
        remedy: "Move it away, or choose another destination.", at: Place(stage: label, file: path.string))
    }
    return false
  }

  private func copy(_ file: DeliveryManifest.File, from source: FilePath) throws {
    let components = FilePath(file.path).components
    let target = destination.appending(components)
    let folder = target.removingLastComponent()
    try Files.makeFolder(folder)
    let temporary = folder.appending(DeliveryManifest.temporaryName)
    let (digest, _) = try Files.copy(source.appending(components), to: temporary)
    guard digest == file.digest else {
      try? Files.remove(temporary)
      throw RetortError(
        "artifact.damaged", "The stored result changed while it was copied.", remedy: "Run “retort verify”.",
        at: Place(stage: label, file: file.path), blame: .environment)
    }
    try Files.rename(temporary, to: target)
  }

  /// A file of an earlier result goes, unless somebody has changed it since.
  private func removeIfUnchanged(_ file: DeliveryManifest.File) throws {
    let path = destination.appending(FilePath(file.path).components)
    guard let status = try Files.status(of: path, followsLinks: false), status.kind == .file,
      status.bytes == file.bytes, try Files.digest(of: path).digest == file.digest
    else { return }
    try Files.remove(path)
  }
}
