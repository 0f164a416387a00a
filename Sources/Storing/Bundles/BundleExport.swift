import Artifacts

extension Cache {
  /// Writes an execution's results with all that they were made from into one file.
  ///
  /// - Parameter labels: what the results are called, by key, where something is known.
  /// - Throws: `RetortError` where something that it was made from is no longer in the cache, or is damaged.
  public func exportBundle(
    of execution: Execution, labels: (Set<Key>) throws -> [Key: String], to file: FilePath
  ) throws -> BundleReport {
    let ancestry = try reading { try Ancestry(of: execution, in: $0) }
    let bundle = try LineageBundle(ancestry, labels: labels(Set(ancestry.executions.map(\.key))), in: self)
    var seal: Digest?
    var bytes = 0
    try Files.replace(file) { target in
      var writer = BundleWriter(file: target)
      var head = ByteWriter()
      let records = bundle.records
      head.write(LineageBundle.version)
      head.write(UInt64(records.count))
      try writer.write(LineageBundle.magic + head.bytes + records)
      for piece in bundle.pieces { try write(piece, to: &writer) }
      (seal, bytes) = (try writer.finish(), writer.offset)
    }
    guard let seal else { throw RetortError.badBundle("it was not written") }
    return BundleReport(
      label: bundle.members.last?.label ?? "", digest: execution.digest(port: "") ?? execution.key.digest, seal: seal,
      results: bundle.members.count, bytes: bytes)
  }

  private func write(_ piece: LineageBundle.Piece, to writer: inout BundleWriter) throws {
    let path = layout.object(piece.digest)
    switch piece.content.form {
    case .inline: try writer.write(piece.content.data)
    case .file: try writer.write(path, FolderManifest.File(bytes: piece.content.bytes, digest: piece.digest))
    case .folder:
      for entry in try FolderManifest(encoded: piece.content.data).entries {
        if let file = entry.file { try writer.write(path.appending(FilePath(entry.path).components), file) }
      }
    }
  }
}

extension LineageBundle {
  init(_ ancestry: Ancestry, labels: [Key: String], in cache: Cache) throws {
    var contents: [Digest: StoredContent] = [:]
    var taken: Set<String> = []
    var members: [Member] = []
    for (execution, inputs) in zip(ancestry.executions, ancestry.inputs) {
      guard let recipe = try cache.recipe(of: execution.key) else {
        throw RetortError.damaged("The recipe of \(execution.key.digest.short) is missing.")
      }
      var outputs: [OutputEntry] = []
      for (port, record) in execution.outputs.sorted(by: { $0.key < $1.key }) {
        guard let content = try contents[record.digest] ?? cache.storedContent(record.digest) else {
          throw RetortError(
            "artifact.missing", "The cache holds no artifact \(record.digest.short).",
            remedy: "Run again: it will be computed anew.", blame: .environment)
        }
        contents[record.digest] = content
        outputs.append(OutputEntry(port: port, record: record, form: content.form))
      }
      var details = execution.details
      (details.inputs, details.children) = ([], [])
      let label = labels[execution.key] ?? execution.stage.id
      var unused = label
      var count = 1
      while !taken.insert(unused).inserted {
        count += 1
        unused = "\(label)-\(count)"
      }
      members.append(
        Member(
          label: unused, recipe: recipe, details: details,
          inputs: inputs.map { .init(digest: $0.digest, member: $0.giver) }, outputs: outputs))
    }
    self.init(
      members: members, pieces: contents.sorted { $0.key < $1.key }.map { Piece(digest: $0.key, content: $0.value) })
  }
}
