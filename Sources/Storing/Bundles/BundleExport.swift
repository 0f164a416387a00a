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

/// An execution after all those that it was made from, in an order that follows from their contents alone.
struct Ancestry {
  private(set) var executions: [Execution] = []
  /// By execution: the digests that flowed in, in order, with who gave them.
  private(set) var inputs: [[(digest: Digest, giver: Int)]] = []

  init(of execution: Execution, in cache: CacheSnapshot) throws {
    struct Visit {
      var execution: Execution
      var edges: [(digest: Digest, giver: Execution)]
      var next = 0
    }
    // Depth first without recursion, for a chain may be long: each comes once its givers have come.
    var positions: [Int64: Int] = [:]
    var open: Set<Int64> = [execution.id]
    var stack = [Visit(execution: execution, edges: try Self.edges(of: execution, in: cache))]
    while var visit = stack.popLast() {
      if visit.next < visit.edges.count {
        let giver = visit.edges[visit.next].giver
        visit.next += 1
        stack.append(visit)
        guard positions[giver.id] == nil else { continue }
        guard open.insert(giver.id).inserted else {
          throw RetortError.damaged("What an artifact was made from leads back to itself.")
        }
        stack.append(Visit(execution: giver, edges: try Self.edges(of: giver, in: cache)))
      } else {
        positions[visit.execution.id] = executions.count
        executions.append(visit.execution)
        inputs.append(visit.edges.compactMap { edge in positions[edge.giver.id].map { (edge.digest, $0) } })
      }
    }
  }

  private static func edges(
    of execution: Execution, in cache: CacheSnapshot
  ) throws -> [(digest: Digest, giver: Execution)] {
    guard let recipe = try cache.recipe(of: execution.key) else { throw gone("the recipe", of: execution) }
    return try Set(try RecipeTree(recipe).inputs).sorted().map { digest in
      guard let giver = try cache.giver(of: digest, to: execution) else { throw gone("an input", of: execution) }
      return (digest, giver)
    }
  }

  private static func gone(_ what: String, of execution: Execution) -> RetortError {
    RetortError(
      "bundle.incomplete",
      "The lineage is not complete: \(what) of “\(execution.stage)” (\(execution.key.digest.short)) is no longer in the cache.",
      remedy: "Run the pipeline again, which computes what is missing.")
  }
}

extension RecipeTree {
  /// The digests of what flows in from other stages.
  var inputs: [Digest] {
    leaves.compactMap { if case .input(_, let digest) = $0.value { digest } else { nil } }
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

/// Writes the bytes of a bundle and hashes them on the way.
private struct BundleWriter {
  let file: OpenFile
  private(set) var offset = 0
  private var seal = ContentHasher()

  init(file: OpenFile) { self.file = file }

  mutating func write(_ bytes: [UInt8]) throws {
    try file.write(bytes, at: offset)
    seal.update(bytes)
    offset += bytes.count
  }

  /// Copies an object's file, which must be what was recorded.
  mutating func write(_ path: FilePath, _ expected: FolderManifest.File) throws {
    let source = try OpenFile(path, .reading)
    var hasher = ContentHasher()
    var done = 0
    while done < expected.bytes {
      let block = try source.read(min(1 << 20, expected.bytes - done), at: done)
      guard !block.isEmpty else { throw ObjectCheck.damage(path) }
      hasher.update(block)
      try write(block)
      done += block.count
    }
    guard hasher.finish() == expected.digest, try source.status().bytes == expected.bytes else {
      throw ObjectCheck.damage(path)
    }
  }

  mutating func finish() throws -> Digest {
    let digest = seal.finish()
    try file.write(digest.bytes, at: offset)
    offset += Digest.byteCount
    return digest
  }
}
