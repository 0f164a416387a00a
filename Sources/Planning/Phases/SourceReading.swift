/// The contents of the user's files now, each file read once however many stages name it.
struct SourceReading {
  private(set) var digests: [SourceDeclaration: Digest] = [:]

  init(discovery: Discovery, labels: [String], store: any ArtifactStore, faults: inout FaultCollector) {
    var failures: [SourceDeclaration: any Error] = [:]
    for (step, node) in discovery.nodes.enumerated() {
      guard let template = discovery.templates[step] else { continue }
      for (index, source) in template.sources.enumerated() where digests[source] == nil {
        do {
          if let failure = failures[source] { throw failure }
          digests[source] = try store.digest(of: source)
        } catch {
          failures[source] = error
          let field = template.field(of: .source(index))
          faults.add(
            Self.fault(error, source).located(Place(stage: labels[node], field: field)), node: node)
        }
      }
    }
  }

  static func fault(_ error: any Error, _ source: SourceDeclaration) -> RetortError {
    guard var known = error as? RetortError else {
      return RetortError(
        "plan.source", "“\(source.path)” cannot be read: \(error).", remedy: "Check the path and the right to read it.",
        at: Place(file: source.path.string), cause: error)
    }
    if known.remedy.isEmpty { known.remedy = "Check the path." }
    return known.located(Place(file: source.path.string))
  }
}
