import Artifacts
import FoundationEssentials

/// A bundle of which every byte was found as it was written, and whose records hang together.
public struct VerifiedBundle {
  let file: BundleFile
  public let report: BundleReport

  /// Reads a bundle from end to end.
  ///
  /// - Throws: `RetortError` for any file that is no whole bundle.
  public init(_ path: FilePath) throws {
    file = try BundleFile(path)
    report = BundleReport(file, seal: try file.read())
  }
}

extension Cache {
  /// Takes over the results of a bundle: from then on they are hits.
  ///
  /// The file is read once more on the way. A run named for the artifact stands for the import, with the labels that the
  /// results had, so that collections keep what it brought as they keep what runs made.
  public func importBundle(_ verified: VerifiedBundle) throws -> BundleReport {
    let file = verified.file
    var report = verified.report
    let profile = file.bundle.members.last?.details.profile ?? .unknown
    let run = try beginRun(
      RunRequest(
        pipeline: "import \(report.label)", arguments: ["import", file.path.string], options: [:],
        startedAt: Date().timeIntervalSince1970, profile: profile), steps: [], hits: [])
    var steps: [RunStep] = []
    do {
      let folder = layout.staging(of: run).appending("import")
      try unpack(file, into: folder)
      var made: [Execution] = []
      for member in file.bundle.members {
        let (execution, isNew) = try take(member, made, from: folder, for: run)
        made.append(execution)
        if isNew { report.new += 1 }
        steps.append(
          RunStep(
            label: member.label, stage: execution.stage, key: execution.key, outcome: isNew ? .ran : .cached,
            execution: execution.id))
      }
    } catch {
      // What was published is whole and verified; it counts like what a failed run had finished.
      try? finishRun(run, outcome: .failed, steps: steps, ran: report.new, cached: steps.count - report.new, failed: 1)
      throw error
    }
    try finishRun(
      run, outcome: .succeeded, steps: steps, ran: report.new, cached: steps.count - report.new, failed: 0)
    report.run = run
    return report
  }

  /// Writes the contents into folders and files that are named for their digests.
  private func unpack(_ file: BundleFile, into folder: FilePath) throws {
    try Files.makeFolder(folder)
    for piece in file.bundle.pieces where piece.content.form == .folder {
      let target = folder.appending(piece.digest.hex)
      try Files.makeFolder(target)
      for entry in try FolderManifest(encoded: piece.content.data).entries where entry.file == nil {
        try Files.makeFolder(target.appending(FilePath(entry.path).components))
      }
    }
    try file.read { digest, path in
      let target = folder.appending(digest.hex)
      return try OpenFile(path.isEmpty ? target : target.appending(FilePath(path).components), .creating)
    }
  }

  /// Publishes one result, unless the cache has it with the same bytes.
  private func take(
    _ member: LineageBundle.Member, _ made: [Execution], from folder: FilePath, for run: RunID
  ) throws -> (execution: Execution, isNew: Bool) {
    let key = member.recipe.key
    let stage = try StageIdentity(of: RecipeTree(member.recipe))
    let wanted = Dictionary(uniqueKeysWithValues: member.outputs.map { ($0.port, $0.record.digest) })
    // Found as a run finds it: whole, and kept from collections.
    if let known = try executions(of: [key], preferring: member.details.profile, pinnedBy: run)[key],
      known.outputs.mapValues(\.digest) == wanted
    {
      return (known, false)
    }
    let attempt = try beginAttempt(of: key, recipe: member.recipe, stage: stage, label: member.label, run: run)
    var details = member.details
    details.inputs = member.inputs.map { .init(digest: $0.digest, execution: made[$0.member].id) }
    let place = try attempt.folder
    // Ports may have one content.
    var contents: [Digest: Content] = [:]
    let parts = try member.outputs.map { output in
      let digest = output.record.digest
      let content = try contents[digest] ?? content(of: output, from: folder, into: place)
      contents[digest] = content
      return OutputPart(port: output.port, kind: output.record.kind, content: content, facts: output.record.facts)
    }
    let execution = try attempt.publish(parts, details: details)
    guard execution.outputs.mapValues(\.digest) == wanted else {
      throw RetortError.badBundle("what was unpacked is not what was verified")
    }
    return (execution, true)
  }

  private func content(of output: OutputEntry, from folder: FilePath, into place: FilePath) throws -> Content {
    let source = folder.appending(output.record.digest.hex)
    // A content that two results share was moved into the store with the first.
    guard try Files.status(of: source, followsLinks: false) != nil else { return try content(of: output.record.digest) }
    guard output.form == .folder else { return .value(try Files.read(source)) }
    let target = place.appending("part-\(Files.nextNumber())")
    try Files.rename(source, to: target)
    return .folder(target)
  }
}

extension BundleReport {
  init(_ file: BundleFile, seal: Digest) {
    let outputs = file.bundle.members.last?.outputs ?? []
    let execution = Execution(
      id: 0, key: file.bundle.members.last?.recipe.key ?? Key(seal), stage: StageIdentity(id: "", version: 0),
      run: RunID(0), details: ExecutionDetails(startedAt: 0, seconds: 0, profile: .unknown),
      ports: outputs.map { ($0.port, $0.record) })
    let single = outputs.count == 1 ? outputs.first?.record.digest : nil
    self.init(
      label: file.bundle.members.last?.label ?? "", digest: single ?? execution.digest(port: "") ?? seal, seal: seal,
      results: file.bundle.members.count, bytes: file.bytes)
  }
}
