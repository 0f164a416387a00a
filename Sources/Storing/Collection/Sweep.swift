import Artifacts

/// What a collection takes away.
struct Sweep {
  private(set) var executions: [ExecutionName] = []
  /// What computing them took, in seconds, by the stage's id.
  private(set) var costs: [String: CollectionReport.Cost] = [:]
  /// Content that no kept execution refers to.
  private(set) var contents: [Digest] = []
  private(set) var inlineBytes = 0
  /// Objects that no record ever named.
  private(set) var orphans = 0
  private(set) var paths: [FilePath] = []

  init(_ cache: Cache, _ marking: Marking) throws {
    var known: Set<Digest> = []
    var used: Set<Digest> = []
    try cache.index.access { session in
      try session.forEachExecution { stored in
        let execution = stored.execution
        if marking.keeps(stored) {
          used.formUnion(execution.outputs.values.lazy.map(\.digest))
        } else {
          executions.append(ExecutionName(key: stored.key, id: stored.id))
          costs[execution.stage.id, default: .init(stage: execution.stage.id)].add(execution)
        }
      }
      try session.forEachContent { digest, form, bytes in
        known.insert(digest)
        guard !used.contains(digest) else { return }
        contents.append(digest)
        if form == .inline { inlineBytes += bytes } else { paths.append(cache.layout.object(digest)) }
      }
    }
    // What an execution names is no orphan, even where the row of its content was lost.
    known.formUnion(used)
    paths = try paths.filter { try Files.status(of: $0) != nil }
    for folder in try Files.namesIfThere(in: cache.layout.objects) {
      let parent = cache.layout.objects.appending(folder)
      for name in try Files.names(in: parent) where Digest(hex: folder + name).map({ !known.contains($0) }) ?? true {
        orphans += 1
        paths.append(parent.appending(name))
      }
    }
  }
}
